import { Worker } from 'node:worker_threads';
import { type BatchTools, type CheckedBatch, checkBatch, type EntryJob } from './check-batch.js';
import type { EntryWorkerData } from './entry-worker.js';

/** Batches that wait at each lane: none is ever idle, and memory does not grow with the log. */
const WAITING = 2;

/** Where batches are checked, one after another. */
export interface Lane {
  /** Batches that were sent and are not done. */
  readonly waiting: () => number;
  /** It has enough to do: more would only fill the memory. */
  readonly isFull: () => boolean;
  readonly send: (jobs: readonly EntryJob[]) => void;
  /** Resolves when the next batch is done. @throws what went wrong in the lane */
  readonly oneDone: () => Promise<void>;
}

export interface WorkerLane extends Lane {
  /** Its code is loaded, and so is what it checks by. */
  readonly isReady: () => boolean;
  readonly close: () => Promise<unknown>;
}

/**
 * All on this thread but signatures, which further ones verify as well.
 * @param mostElsewhere batches that wait for those
 */
export function nearLane(
  tools: Promise<BatchTools>,
  mostElsewhere: number,
  take: (checked: CheckedBatch) => void,
): Lane {
  const queue = createQueue(WAITING + mostElsewhere);
  // Whoever sends the first batch is told why it cannot be checked.
  tools.catch(() => undefined);
  return {
    ...queue.lane,
    send: (jobs) => {
      queue.begin();
      tools
        .then((own) => checkBatch(own, jobs))
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
  const queue = createQueue(WAITING);
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
      worker.postMessage(jobs.map(({ frame, header, ...job }) => job));
    },
    close: () => worker.terminate(),
  };
}

function createQueue(most: number) {
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
      isFull: () => waiting > most,
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
