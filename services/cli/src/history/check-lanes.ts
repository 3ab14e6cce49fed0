import { Worker } from 'node:worker_threads';
import { type BatchTools, type CheckedBatch, checkBatch, type EntryJob } from './check-batch.js';
import type { EntryWorkerData } from './entry-worker.js';

/** Where batches are checked, one after another. */
export interface Lane {
  /** Batches that were sent and are not done. */
  readonly waiting: () => number;
  readonly send: (jobs: readonly EntryJob[]) => void;
  /** Resolves when the next batch is done. @throws what went wrong in the lane */
  readonly oneDone: () => Promise<void>;
}

export interface WorkerLane extends Lane {
  /** Its code is loaded, and so is what it checks by. */
  readonly isReady: () => boolean;
  readonly close: () => Promise<unknown>;
}

/** Signatures on the thread pool, all else on this thread: nothing has to be started. */
export function poolLane(tools: Promise<BatchTools>, take: (checked: CheckedBatch) => void): Lane {
  const queue = createQueue();
  // Whoever sends the first batch is told why it cannot be checked.
  tools.catch(() => undefined);
  return {
    ...queue.lane,
    send: (jobs) => {
      queue.begin();
      tools
        .then((own) => checkBatch(own, jobs, 'pool'))
        .then((checked) => {
          take(checked);
          queue.end();
        }, queue.fail);
    },
  };
}

/** A core of its own. */
export function workerLane(workerData: EntryWorkerData, take: (checked: CheckedBatch) => void): WorkerLane {
  const worker = new Worker(new URL('./entry-worker.js', import.meta.url), { workerData });
  const queue = createQueue();
  let ready = false;
  worker.on('message', (checked: CheckedBatch | 'ready') => {
    if (checked === 'ready') {
      ready = true;
      return;
    }
    take(checked);
    queue.end();
  });
  // One that cannot start is not waited for, and never gets a batch; one that ends in between is a failure.
  worker.on('error', queue.fail);
  return {
    ...queue.lane,
    isReady: () => ready,
    send: (jobs) => {
      queue.begin();
      worker.postMessage(jobs.map(({ frame, ...job }) => job));
    },
    close: () => worker.terminate(),
  };
}

function createQueue() {
  let [waiting, failure] = [0, undefined as Error | undefined];
  let wake: () => void = () => undefined;
  return {
    begin: () => {
      waiting += 1;
    },
    end: () => {
      waiting -= 1;
      wake();
    },
    fail: (error: Error) => {
      failure = error;
      wake();
    },
    lane: {
      waiting: () => waiting,
      oneDone: async (): Promise<void> => {
        if (failure === undefined)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        if (failure) throw failure;
      },
    },
  };
}
