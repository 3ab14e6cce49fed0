import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditLog } from './audit-log.js';
import { type Made, ORIGIN, TestLog, vkeyOf } from './fixture/test-log.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-audit-'));
  writeFileSync(join(dir, 'anchors.json'), '{}');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Opens a log and nothing more: these entries are about no message, so that nothing but the log itself can be wrong. */
const entries = (count: number, timeMs = 1000): Made[] =>
  Array.from({ length: count }, () => ({ timeMs, event: 'log-opened' }));

/** A log of the same key in a place of its own: of so many entries, those from `rewritten` on with another time. */
async function logOf(size: number, rewritten = size): Promise<string> {
  const at = mkdtempSync(join(dir, 'log-'));
  const log = new TestLog(at);
  await log.grow(...entries(rewritten), ...entries(size - rewritten, 2000));
  return at;
}

const state = () => join(dir, 'state.json');
const audited = async (at: string) => {
  const source = {
    nation: 'DE',
    dir: at,
    vkey: vkeyOf(ORIGIN),
    archive: [],
    anchors: join(dir, 'anchors.json'),
  };
  const { faults } = await auditLog(source, { verdicts: false, state: state() });
  const of = ['rollback', 'another-history', 'checkpoint-mismatch', 'checkpoint-beyond'];
  return [...new Set(faults.map(({ code }) => code).filter((code) => of.includes(code)))];
};

describe('what is found of a log that was audited before', () => {
  test('nothing, where it is as it was, or has grown', async () => {
    for (const size of [0, 100, 100, 255, 256, 300, 600, 600, 1024])
      expect(await audited(await logOf(size))).toEqual([]);
  });

  test.each<[string, number, number, number, string]>([
    ['its last entries are rewritten', 600, 600, 512, 'another-history'],
    ['its last one is rewritten', 600, 600, 599, 'another-history'],
    ['it is short, and is another one', 200, 200, 0, 'another-history'],
    ['it is short, and has become shorter', 200, 100, 100, 'rollback'],
    ['its last entries are gone', 600, 599, 599, 'rollback'],
    ['it has grown, and its last entries are rewritten', 600, 700, 512, 'checkpoint-mismatch'],
    ['it has grown by bundles, and its last one is rewritten', 600, 1300, 599, 'checkpoint-mismatch'],
    ['it was short, has grown, and is another one', 200, 300, 150, 'checkpoint-mismatch'],
  ])('%s', async (_what, before, after, rewritten, code) => {
    expect(await audited(await logOf(before))).toEqual([]);
    const other = await logOf(after, rewritten);
    expect(await audited(other)).toEqual([code]);
    // And again: it is not forgotten for having been said.
    expect(await audited(other)).toEqual([code]);
    expect(await audited(await logOf(before))).toEqual([]);
  });

  test('nothing is gone on with whose checkpoint the log has not signed', async () => {
    await audited(await logOf(300));
    const saved = JSON.parse(readFileSync(state(), 'utf8')) as { checkpoints: string[] };
    for (const checkpoints of [
      [],
      ['none'],
      saved.checkpoints.map((note) => note.replace('\n300\n', '\n299\n')),
    ]) {
      writeFileSync(state(), JSON.stringify({ ...saved, checkpoints }));
      await expect(audited(await logOf(300))).rejects.toThrow('state.json');
    }
  });
});
