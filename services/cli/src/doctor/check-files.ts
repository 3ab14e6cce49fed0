import { accessSync, constants, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretFile } from '@entente/seal';
import type { Report } from './finding.js';

const LEAST_FREE = 2 ** 30;
/** What is not secret: everybody may read it. */
const OPEN_FILES: readonly string[] = ['ANCHORS_FILE', 'LOGS_FILE', 'TSA_ROOTS_FILE'];

type Settings = Readonly<Record<string, string>>;

/**
 * Secrets that others cannot read, folders that are there, with what a service writes to in them, and room on their disks.
 * @param canWrite whether whoever asks, who should be the service's user, can read and change what is there
 */
export async function checkFiles(
  settings: Settings,
  report: Report,
  canWrite: (path: string) => boolean = canChange,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (name.endsWith('_FILE') && !OPEN_FILES.includes(name))
      for (const path of value.split(':')) await checkSecret(name, path, report);
    else if (name.endsWith('_FILE')) checkPlace(name, value, 'isFile', report);
    else if (isShown(name, settings)) checkShown(name, value, report);
    else if (WRITTEN.includes(name)) checkWritten(name, value, canWrite, report);
    else if (name.endsWith('_DIR')) checkPlace(name, value, 'isDirectory', report);
    // Node.js itself only warns where it is not there.
    else if (name === 'NODE_EXTRA_CA_CERTS') checkPlace(name, value, 'isFile', report);
  }
  if (settings.DATA_DIR !== undefined) checkRoom(settings.DATA_DIR, report);
}

const WRITTEN: readonly string[] = ['DATA_DIR', 'QUARANTINE_DIR', 'ARCHIVE_DIR'];

/** A ledger only reads what its gate has archived. */
const isShown = (name: string, { ORIGIN: ofLedger }: Settings): boolean =>
  name === 'ARCHIVE_DIR' && ofLedger !== undefined;

async function checkSecret(name: string, path: string, report: Report): Promise<void> {
  try {
    await readSecretFile(path);
    report(name, 'ok');
  } catch (error) {
    report(name, 'bad', (error as Error).message);
  }
}

function checkPlace(name: string, path: string, kind: Kind, report: Report): void {
  const wrong = wrongAt(path, kind);
  report(name, wrong === undefined ? 'ok' : 'bad', wrong);
}

type Kind = 'isFile' | 'isDirectory';

/** Whoever is not the service's user may not even look into its folders: that is a finding as any other. */
function wrongAt(path: string, kind: Kind): string | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.[kind]()) return undefined;
    return `${path} is not there, or not a ${kind === 'isFile' ? 'file' : 'folder'}`;
  } catch (error) {
    return `${path} cannot be looked at (${(error as NodeJS.ErrnoException).code}): ask as the user of the service`;
  }
}

function checkShown(name: string, path: string, report: Report): void {
  const wrong = wrongAt(path, 'isDirectory');
  if (wrong === undefined) report(name, 'ok');
  else report(name, 'warning', `${wrong}: auditors are shown no packs and no directories`);
}

/** What another user has made there, as a backup that was put back by root, cannot be used. */
function checkWritten(name: string, path: string, canWrite: (path: string) => boolean, report: Report): void {
  const wrong = wrongAt(path, 'isDirectory');
  if (wrong !== undefined) {
    report(name, 'bad', wrong);
    return;
  }
  const within = canWrite(path) ? databasesIn(path) : [];
  const strange = [path, ...within].filter((one) => !canWrite(one));
  for (const one of strange)
    report(name, 'bad', `${one} cannot be written to: give it to the user of the service (chown)`);
  if (strange.length === 0) report(name, 'ok');
}

function databasesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(sqlite|sqlite-wal|sqlite-shm|lock)$/.test(name))
    .map((name) => join(folder, name));
}

function canChange(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function checkRoom(dir: string, report: Report): void {
  if (wrongAt(dir, 'isDirectory') !== undefined) return;
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  const words = `${(free / 2 ** 30).toFixed(1)} GiB are free`;
  report(
    'room on the disk',
    free < LEAST_FREE ? 'bad' : 'ok',
    free < LEAST_FREE ? `${words}: a full disk stops it` : words,
  );
}
