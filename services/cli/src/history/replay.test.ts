import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLOCKS_DIFFER_MS } from './clocks-differ.js';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import { replayLog } from './replay.js';

const DAY_MS = 24 * 3_600_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-replay-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** An order of the tenth day, which a court has to release. */
const ORDERED_MS = 10 * DAY_MS;
const order = sealOf({ id: 'a', from: 'police.de', to: 'isp.de', issuedAtMs: ORDERED_MS });
const about = { seal: order, messageHash: messageHash(order), stage: 'inside' };
const at = (timeMs: number, event: string, says: Made['says'] = {}): Made => ({ timeMs, event, says });
const held = at(ORDERED_MS, 'crossing', { ...about, step: 'first', verdict: { decision: 'hold' } });
const input = { fromTypes: [], toTypes: [], approvals: [{ role: 'court', nation: 'DE' }] };
const released = (step = 'f'.repeat(64)): Made =>
  at(ORDERED_MS + DAY_MS, 'crossing', { ...about, step, input, verdict: { decision: 'permit' } });
const statement = { evidence: 'released', about: [{ messageHash: about.messageHash, id: 'a' }] };
const word = at(ORDERED_MS + 1, 'approval', {
  seal: sealOf({ id: 'b', from: 'court.de', fromRole: 'court', kind: wire.Kind.KIND_APPROVAL, statement }),
  verdict: { decision: 'permit' },
});

/** What is said of the releases in a log of these entries. @param gone those that were erased */
async function releases(made: readonly Made[], gone: readonly number[] = []) {
  const log = new TestLog(dir);
  for (const index of gone) log.gone.add(index);
  const timeMs = made.at(-1)?.timeMs ?? 0;
  await log.grow(...made, { erases: gone, timeMs, says: { seal: new Uint8Array() } });
  const source = { nation: 'DE', dir, vkey: vkeyOf(ORIGIN), archive: [], anchors: null };
  const { faults, unknown } = await replayLog(source);
  expect(faults.filter(({ code }) => code.includes('erased'))).toEqual([]);
  const named = faults.filter(({ code }) => code === 'approval-not-logged');
  return { faults: named.map(({ detail }) => detail.slice(0, 20)), unknown };
}

const NEVER_SAID = 'it counts a release ';
const NEVER_HELD = 'it was released, but';

describe('a release', () => {
  test('holds with a hold and a word', async () => {
    expect(await releases([held, word, released()])).toEqual({ faults: [], unknown: 0 });
  });

  test.each<[string, Made[], string[]]>([
    ['without a word', [held, released()], [NEVER_SAID]],
    ['without a hold', [word, released()], [NEVER_HELD]],
    ['in its first step', [held, word, released('first')], [NEVER_HELD]],
    ['without either', [released()], [NEVER_SAID, NEVER_HELD]],
  ])('%s is found, also after something older was erased', async (_what, made, faults) => {
    const old = ORDERED_MS - CLOCKS_DIFFER_MS - 1;
    const before = [at(old, 'crossing'), at(old, 'approval')];
    expect(await releases([...before, ...made], [0, 1])).toEqual({ faults, unknown: 0 });
  });

  test('is unknown where its word may be gone, but not where that went before the hold', async () => {
    expect(await releases([held, word, released()], [1])).toEqual({ faults: [], unknown: 1 });
    rmSync(dir, { recursive: true });
    const before = { ...word, timeMs: ORDERED_MS };
    expect(await releases([before, held, released()], [0])).toEqual({ faults: [NEVER_SAID], unknown: 0 });
  });

  test('is unknown where its hold may be gone, but not what no word was gone for', async () => {
    expect(await releases([held, word, released()], [0])).toEqual({ faults: [], unknown: 1 });
    rmSync(dir, { recursive: true });
    expect(await releases([held, released()], [0])).toEqual({ faults: [NEVER_SAID], unknown: 1 });
  });

  test('is not excused by what is gone of another kind', async () => {
    const other = at(ORDERED_MS, 'evidence');
    expect(await releases([held, other, released()], [1])).toEqual({ faults: [NEVER_SAID], unknown: 0 });
  });
});
