// One thread of the bare verification: loads nothing else, verifies one signature after another once it is told to.
import { verify } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

const { key, jobs, count } = workerData;
parentPort.once('message', () => {
  for (let i = 0; i < count; i++) {
    const { input, signature } = jobs[i % jobs.length];
    if (!verify(null, input, key, signature)) throw new Error('a signature does not hold');
  }
  parentPort.postMessage('done');
});
parentPort.postMessage('ready');
