import { statfsSync, statSync } from 'node:fs';
import { readSecretFile } from '@entente/seal';
import type { Report } from './finding.js';

const LEAST_FREE = 2 ** 30;
/** What is not secret: everybody may read it. */
const OPEN_FILES: readonly string[] = ['ANCHORS_FILE', 'LOGS_FILE', 'TSA_ROOTS_FILE'];

/** Secrets that others cannot read, folders that are there, and room on their disks. */
export async function checkFiles(settings: Readonly<Record<string, string>>, report: Report): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (name.endsWith('_FILE') && !OPEN_FILES.includes(name))
      for (const path of value.split(':')) await checkSecret(name, path, report);
    else if (name.endsWith('_FILE')) checkPlace(name, value, 'isFile', report);
    else if (name.endsWith('_DIR')) checkPlace(name, value, 'isDirectory', report);
    // Node.js itself only warns where it is not there.
    else if (name === 'NODE_EXTRA_CA_CERTS') checkPlace(name, value, 'isFile', report);
  }
  if (settings.DATA_DIR !== undefined) checkRoom(settings.DATA_DIR, report);
}

async function checkSecret(name: string, path: string, report: Report): Promise<void> {
  try {
    await readSecretFile(path);
    report(name, 'ok');
  } catch (error) {
    report(name, 'bad', (error as Error).message);
  }
}

function checkPlace(name: string, path: string, kind: 'isFile' | 'isDirectory', report: Report): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.[kind]()) report(name, 'ok');
  else report(name, 'bad', `${path} is not there, or not a ${kind === 'isFile' ? 'file' : 'folder'}`);
}

function checkRoom(dir: string, report: Report): void {
  if (!statSync(dir, { throwIfNoEntry: false })) return;
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  const words = `${(free / 2 ** 30).toFixed(1)} GiB are free`;
  report(
    'room on the disk',
    free < LEAST_FREE ? 'bad' : 'ok',
    free < LEAST_FREE ? `${words}: a full disk stops it` : words,
  );
}
