import { parentPort, workerData } from 'node:worker_threads';
import { loadAnchors } from '@entente/members';
import { checkBatch, type SealJob } from './check-batch.js';
import { directoryFinder } from './find-directory.js';

/** What a worker is started with. */
export interface SealWorkerData {
  readonly archive: readonly string[];
  /** File of the trust anchors. */
  readonly anchors: string;
}

const { archive, anchors } = workerData as SealWorkerData;
const findDirectory = directoryFinder(archive, await loadAnchors(anchors));

parentPort?.on('message', async (jobs: readonly SealJob[]) => {
  parentPort?.postMessage(await checkBatch(findDirectory, jobs));
});
