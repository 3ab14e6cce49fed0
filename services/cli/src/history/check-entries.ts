import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { wire } from '@entente/contract';
import { loadAnchors } from '@entente/members';
import { createSealOpener, type OpenSeals } from '@entente/seal';
import { isAboutMessage } from './about-message.js';
import type { BatchTools, CheckedBatch, EntryJob } from './check-batch.js';
import { type Lane, nearLane, type WorkerLane, workerLane } from './check-lanes.js';
import type { EntryWorkerData } from './entry-worker.js';
import { createFaultList, type SavedFaults } from './fault-list.js';
import { directoryFinder } from './find-directory.js';
import { packFinder } from './find-pack.js';
import { hex } from './hex.js';
import type { LogFault, LoggedEntry } from './read-log.js';
import { createAdoptions, isAdoption, type SavedAdoptions } from './take-adoptions.js';

const BATCH = 128;
/** Messages that are checked without them: for fewer workers would not be worth their start. */
const WORKERS_AFTER = 16_384;
/** Each has its own code and rules in memory, some 70 MB; and one thread reads for all of them. */
const MOST_WORKERS = 8;

/** What the check of entries keeps of those before. */
export interface SavedChecks {
  readonly seals: number;
  readonly adopted: SavedAdoptions;
  readonly faults: SavedFaults;
}

export interface CheckPlaces extends EntryWorkerData {
  /** Whether each verdict is asked again as well. */
  readonly verdicts: boolean;
  readonly saved?: SavedChecks | undefined;
  readonly cores?: number | undefined;
  readonly workersAfter?: number | undefined;
}

/**
 * Checks the signature of every message of a log under the directory that the log had adopted, and where asked each verdict, on all
 * cores. A gate that lies can log what it likes, but not sign for a member. Call `close` whatever happens.
 */
export function createEntryChecker({ verdicts, saved, cores, workersAfter, ...places }: CheckPlaces) {
  // On two cores this thread and one for signatures have both of them busy: workers would only cost their start and their copies.
  const most = Math.min((cores ?? availableParallelism()) - 1, MOST_WORKERS);
  const wanted = most > 1 ? most : 0;
  const faults = createFaultList(saved?.faults);
  let seals = saved?.seals ?? 0;
  const take = (checked: CheckedBatch) => {
    seals += checked.seals;
    faults.add(...checked.faults);
  };
  const signatures = createSealOpener(most);
  const tools = toolsOf(places, signatures.open);
  const findDirectory = tools.then((own) => own.findDirectory);
  findDirectory.catch(() => undefined);
  const adoptions = createAdoptions(
    { archive: places.archive, findDirectory, report: faults.add },
    saved?.adopted,
  );
  const near = nearLane(tools, signatures.mostWaiting, take);
  let workers: WorkerLane[] = [];
  let batch: EntryJob[] = [];
  let sent = 0;

  /** Here until a worker is ready; then this thread has enough to do with reading. */
  const nextLane = (): Lane => {
    if (sent >= (workersAfter ?? WORKERS_AFTER) && workers.length < wanted)
      workers = Array.from({ length: wanted }, () => workerLane(places, take));
    const ready = workers.filter((worker) => worker.isReady());
    return ready.sort((a, b) => a.waiting() - b.waiting())[0] ?? near;
  };

  const visit = (entry: LoggedEntry, header: wire.HeaderFrame | undefined): void | Promise<void> => {
    const { index, leaf, record, bytes } = entry;
    if (!record) return;
    if (isAdoption(record)) return adoptions.take(index, leaf.timeMs, record);
    if (!isAboutMessage(record)) return;
    const waited = adoptions.ready(leaf.timeMs);
    if (waited) return waited.then(() => visit(entry, header));
    adoptions.check(index, record);
    const { seal, stage, decidedAtMs } = record;
    const directorySha256 = hex(record.directorySha256);
    const job = { index, timeMs: leaf.timeMs, seal, header, stage, decidedAtMs, directorySha256 };
    batch.push(verdicts && bytes ? { ...job, record: bytes, frame: record } : job);
    if (batch.length < BATCH) return;
    const lane = nextLane();
    lane.send(batch);
    sent += batch.length;
    batch = [];
    return lane.isFull() ? lane.oneDone() : setImmediate();
  };

  return {
    visit,
    /** All that was given is checked when this returns. */
    settle: async (): Promise<void> => {
      if (batch.length > 0) near.send(batch);
      batch = [];
      for (const lane of [near, ...workers]) while (lane.waiting() > 0) await lane.oneDone();
    },
    save: (): SavedChecks => ({ seals, adopted: adoptions.save(), faults: faults.save() }),
    result: (): { readonly seals: number; readonly faults: readonly LogFault[] } => ({
      seals,
      faults: faults.list(),
    }),
    close: async (): Promise<void> =>
      void (await Promise.all([signatures, ...workers].map((started) => started.close()))),
  };
}

/** What a core needs to check entries. */
export async function toolsOf(
  { nation, archive, anchors }: EntryWorkerData,
  openSeals: OpenSeals,
): Promise<BatchTools> {
  return {
    findDirectory: directoryFinder(archive, await loadAnchors(anchors)),
    findPack: packFinder(nation, archive),
    openSeals,
  };
}
