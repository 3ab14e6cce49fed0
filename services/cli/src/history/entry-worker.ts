import { parentPort, workerData } from 'node:worker_threads';
import { createSealOpener } from '@entente/seal';
import { checkBatch, type EntryJob } from './check-batch.js';
import { toolsOf } from './check-entries.js';

/** What a worker is started with. */
export interface EntryWorkerData {
  readonly nation: string;
  readonly archive: readonly string[];
  /** File of the trust anchors. */
  readonly anchors: string;
}

// Each of these has a core of its own already.
const { open } = createSealOpener(0);
const tools = await toolsOf(workerData as EntryWorkerData, open);
parentPort?.on('message', async (jobs: readonly EntryJob[]) => {
  parentPort?.postMessage(await checkBatch(tools, jobs));
});
parentPort?.postMessage('ready');
