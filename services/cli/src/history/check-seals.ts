import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { loadAnchors } from '@entente/members';
import { isAboutMessage } from './about-message.js';
import { type CheckedBatch, checkBatch, type SealJob } from './check-batch.js';
import { directoryFinder } from './find-directory.js';
import type { LogFault, LoggedEntry } from './read-log.js';
import { hex } from './replay.js';
import type { SealWorkerData } from './seal-worker.js';

/** A log of fewer messages is checked before a worker would have started. */
const BATCH = 256;
/** Batches that wait at each worker: none is ever idle, and memory does not grow with the log. */
const WAITING = 2;

/**
 * Checks the signature of every message of a log under the directory that the log had adopted, on all cores. A gate that lies
 * can log what it likes, but not sign for a member. Call `close` whatever happens.
 */
export function createSealChecker(places: SealWorkerData) {
  const faults: LogFault[] = [];
  const workers: SealWorker[] = [];
  let [seals, adopted] = [0, ''];
  let batch: SealJob[] = [];
  const take = (checked: CheckedBatch) => {
    seals += checked.seals;
    faults.push(...checked.faults);
  };

  return {
    visit: ({ index, record }: LoggedEntry): void | Promise<void> => {
      if (!record) return;
      if (record.event === 'adopt-directory') adopted = hex(record.adoption?.sha256);
      if (!isAboutMessage(record)) return;
      const { seal, stage, decidedAtMs } = record;
      const directorySha256 = hex(record.directorySha256);
      if (directorySha256 !== adopted) {
        const detail = `decided under ${directorySha256.slice(0, 16)}…, which was not adopted last`;
        faults.push({ index, code: 'directory-not-adopted', detail });
      }
      batch.push({ index, seal, stage, decidedAtMs, directorySha256 });
      if (batch.length < BATCH) return;
      if (workers.length === 0)
        for (let i = 0; i < availableParallelism(); i++) workers.push(startWorker(places, take));
      const [next] = workers.sort((a, b) => a.waiting() - b.waiting()) as [SealWorker];
      next.send(batch);
      batch = [];
      return next.waiting() > WAITING ? next.oneDone() : undefined;
    },
    result: async (): Promise<CheckedBatch> => {
      take(await checkBatch(directoryFinder(places.archive, await loadAnchors(places.anchors)), batch));
      for (const worker of workers) while (worker.waiting() > 0) await worker.oneDone();
      return { seals, faults };
    },
    close: async (): Promise<void> => void (await Promise.all(workers.map((worker) => worker.close()))),
  };
}

type SealWorker = ReturnType<typeof startWorker>;

function startWorker(workerData: SealWorkerData, take: (checked: CheckedBatch) => void) {
  const worker = new Worker(new URL('./seal-worker.js', import.meta.url), { workerData });
  let [waiting, failure] = [0, undefined as Error | undefined];
  let wake: () => void = () => undefined;
  worker.on('message', (checked: CheckedBatch) => {
    waiting -= 1;
    take(checked);
    wake();
  });
  worker.on('error', (error) => {
    failure = error;
    wake();
  });
  return {
    waiting: () => waiting,
    send: (jobs: readonly SealJob[]) => {
      waiting += 1;
      worker.postMessage(jobs);
    },
    oneDone: async () => {
      if (failure === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (failure) throw failure;
    },
    close: () => worker.terminate(),
  };
}
