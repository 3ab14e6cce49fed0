import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkFiles } from './check-files.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-files-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** @param ofOthers what belongs to another user */
async function found(settings: Readonly<Record<string, string>>, ofOthers: readonly string[] = []) {
  const findings: unknown[][] = [];
  const report = (...finding: unknown[]) => void findings.push(finding);
  await checkFiles(settings, report, (path) => !ofOthers.includes(path));
  return findings.filter(([what]) => what !== 'room on the disk');
}

it('finds a database that another user has put back, and a folder that is another’s', async () => {
  const database = join(dir, 'edge.sqlite');
  writeFileSync(database, '');
  writeFileSync(join(dir, 'legal-hold.json'), '');
  const words = (path: string) => `${path} cannot be written to: give it to the user of the service (chown)`;
  const settings = { MEMBER: 'isp.fr', DATA_DIR: dir };
  expect(await found(settings)).toEqual([['DATA_DIR', 'ok']]);
  expect(await found(settings, [database, join(dir, 'legal-hold.json')])).toEqual([
    ['DATA_DIR', 'bad', words(database)],
  ]);
  expect(await found({ QUARANTINE_DIR: dir }, [dir])).toEqual([['QUARANTINE_DIR', 'bad', words(dir)]]);
});

it('hides no other fault behind a place that cannot be looked at', async () => {
  const file = join(dir, 'anchors.json');
  writeFileSync(file, '');
  // As that of another user does for whoever is not root, it answers with something else than that nothing is there.
  const closed = join(file, 'within');
  const settings = { QUARANTINE_DIR: closed, DATA_DIR: closed, LOGS_FILE: closed, ANCHORS_FILE: file };
  const words = expect.stringContaining(`${closed} cannot be looked at (ENOTDIR)`);
  expect(await found(settings)).toEqual([
    ['QUARANTINE_DIR', 'bad', words],
    ['DATA_DIR', 'bad', words],
    ['LOGS_FILE', 'bad', words],
    ['ANCHORS_FILE', 'ok', undefined],
  ]);
});

it('asks of the archive that a gate writes there, and not a ledger, which may do without', async () => {
  const archive = join(dir, 'archive');
  const ledger = { ORIGIN: 'entente.example/de/2026', ARCHIVE_DIR: archive };
  expect(await found(ledger)).toEqual([['ARCHIVE_DIR', 'warning', expect.stringContaining('is not there')]]);
  expect(await found({ ARCHIVE_DIR: archive })).toEqual([
    ['ARCHIVE_DIR', 'bad', expect.stringContaining('is not there')],
  ]);
  mkdirSync(archive);
  expect(await found(ledger, [archive])).toEqual([['ARCHIVE_DIR', 'ok']]);
  expect(await found({ ARCHIVE_DIR: archive }, [archive])).toEqual([
    ['ARCHIVE_DIR', 'bad', expect.stringContaining('cannot be written to')],
  ]);
});
