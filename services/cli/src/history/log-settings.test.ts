import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Made, TestLog, vkeyOf } from './fixture/test-log.js';
import { readLogSettings } from './log-settings.js';
import type { LogSource } from './log-source.js';

const [OLD, NEW] = ['log.example/de/2026', 'log.example/de/2027'] as const;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-settings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const setting = (timeMs: number, administration: object) => ({
  ...{ timeMs, event: 'setting', says: { seal: Buffer.alloc(0), administration } },
});
const retention = (timeMs: number, days: number, logDays: number) =>
  setting(timeMs, { subject: 'retention', after: String(days), logAfter: String(logDays) });
const recordsAlone = (timeMs: number) => setting(timeMs, { subject: 'retention', after: '90' });
const held = (timeMs: number, added: string[], removed: string[] = []) =>
  setting(timeMs, { subject: 'legal-hold', added, removed });

async function logOf(origin: string, ...made: readonly Made[]): Promise<LogSource> {
  const at = join(dir, origin.replaceAll('/', '_'));
  await new TestLog(at, origin).grow(...made);
  return { nation: 'DE', dir: at, vkey: vkeyOf(origin), archive: [], anchors: null };
}

test('the last entry that says so is what the ledger runs with', async () => {
  const log = await logOf(
    OLD,
    retention(1, 90, 100),
    held(2, ['a', 'b']),
    retention(3, 60, 70),
    held(4, ['c'], ['a']),
  );
  expect(await readLogSettings([log])).toMatchObject({
    ...{ origin: OLD, retained: { days: 60, logDays: 70 } },
    held: new Set(['b', 'c']),
  });
});

test('of several logs the one that says it last counts, in whatever order they are named', async () => {
  const old = await logOf(OLD, retention(1, 90, 100), held(2, ['a']));
  const later = await logOf(NEW, retention(5, 60, 70), held(6, ['b']));
  for (const logs of [
    [old, later],
    [later, old],
  ])
    expect(await readLogSettings(logs)).toMatchObject({
      ...{ origin: NEW, retained: { days: 60, logDays: 70 }, held: new Set(['b']) },
    });
});

test('a log that does not say it is not guessed at, and an auditor is no case', async () => {
  const log = await logOf(OLD, setting(1, { subject: 'auditors', added: ['court ab'] }), {});
  expect(await readLogSettings([log])).toMatchObject({ retained: null, held: new Set() });
});

test('an entry that does not say how long whole logs stay gives no days for them', async () => {
  const log = await logOf(OLD, retention(1, 60, 70), recordsAlone(2));
  const said = await readLogSettings([log]);
  expect(said?.retained).toEqual({ days: 90, logDays: undefined });
});
