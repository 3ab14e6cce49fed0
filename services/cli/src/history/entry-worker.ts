import { parentPort, workerData } from 'node:worker_threads';
import { checkBatch, type EntryJob } from './check-batch.js';
import { toolsOf } from './check-entries.js';

/** What a worker is started with. */
export interface EntryWorkerData {
  readonly nation: string;
  readonly archive: readonly string[];
  /** File of the trust anchors. */
  readonly anchors: string;
}

const tools = await toolsOf(workerData as EntryWorkerData);
parentPort?.on('message', async (jobs: readonly EntryJob[]) => {
  parentPort?.postMessage(await checkBatch(tools, jobs, 'here'));
});
parentPort?.postMessage('ready');
