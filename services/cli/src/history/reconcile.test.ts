import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS, wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DECIDED_WITHIN_MS } from './check-record.js';
import { CLOCKS_DIFFER_MS } from './clocks-differ.js';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import type { LogSource } from './log-source.js';
import { reconcile } from './reconcile.js';

const FRENCH = 'log.example/fr/2026';
const DAY_MS = 24 * 3_600_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-reconcile-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Message {
  readonly event?: string;
  readonly from?: string;
  readonly to?: string;
  /** Made then, and good for so long. */
  readonly issuedAtMs?: number;
  readonly livesMs?: number;
}

const crossing =
  (stage: 'leave' | 'enter') =>
  (id: string, timeMs: number, message: Message = {}): Made => {
    const { event = 'crossing', from = 'hotline.de', to = 'isp.fr', ...times } = message;
    const { issuedAtMs = timeMs, livesMs = LIMITS.lifetimeMs } = times;
    const kind = event === 'evidence' ? wire.Kind.KIND_EVIDENCE : wire.Kind.KIND_REFERRAL;
    const seal = sealOf({ id, from, to, kind, issuedAtMs, expiresAtMs: issuedAtMs + livesMs });
    const says = {
      seal,
      messageHash: messageHash(seal),
      stage,
      step: 'first',
      verdict: { decision: 'permit' },
    };
    return { event, timeMs, says };
  };
const [leaves, enters] = [crossing('leave'), crossing('enter')];
/** The log goes on until then. */
const until = (timeMs: number): Made => ({ event: 'setting', timeMs, says: { seal: new Uint8Array() } });

/** @param gone of each log, the entries that were erased: its last one says so */
async function compared(de: readonly Made[], fr: readonly Made[], gone: { de?: number[]; fr?: number[] }) {
  const build = async (nation: string, origin: string, made: readonly Made[], erased: number[] = []) => {
    const log = new TestLog(mkdtempSync(join(dir, nation)), origin, nation);
    for (const index of erased) log.gone.add(index);
    const timeMs = made.at(-1)?.timeMs ?? 0;
    const last = { erases: erased, timeMs, says: { seal: new Uint8Array() } };
    await log.grow(...made, ...(erased.length > 0 ? [last] : []));
    const source = { nation, dir: log.at, vkey: vkeyOf(origin), archive: [], anchors: null };
    return source satisfies LogSource;
  };
  const sources = [await build('DE', ORIGIN, de, gone.de), await build('FR', FRENCH, fr, gone.fr)];
  const { logs, directions, disagreements } = await reconcile(sources);
  expect(logs.flatMap(({ faults }) => faults)).toEqual([]);
  const [direction] = directions;
  return {
    codes: disagreements.map(({ nation, index, code }) => `${nation} ${index} ${code}`),
    shared: disagreements.map(({ detail }) =>
      / (\d+) are missing, at most (\d+)/.exec(detail)?.slice(1).join(),
    ),
    unknown: direction?.unknown,
    underWay: direction?.underWay,
  };
}

describe('what left and is not in the other log', () => {
  const lost = [leaves('a', DAY_MS), leaves('b', 101 * DAY_MS), leaves('c', 101 * DAY_MS)];
  const end = until(200 * DAY_MS);

  test('is lost, if nothing there is gone that could have been it', async () => {
    expect(await compared([...lost, end], [enters('a', DAY_MS), end], {})).toMatchObject({
      codes: ['DE 1 never-arrived', 'DE 2 never-arrived'],
      unknown: 0,
    });
  });

  test('is lost, also if older entries there are gone: it cannot have been one of them', async () => {
    expect(await compared([...lost, end], [enters('a', DAY_MS), end], { fr: [0] })).toMatchObject({
      codes: ['DE 1 never-arrived', 'DE 2 never-arrived'],
      unknown: 1,
    });
  });

  test('is unknown, if an entry is gone of a time at which it was let in', async () => {
    const left = [leaves('b', 101 * DAY_MS, { livesMs: DAY_MS }), end];
    const found = (timeMs: number) => compared(left, [enters('x', timeMs), end], { fr: [0] });
    const [first, last] = [101 * DAY_MS - CLOCKS_DIFFER_MS, 102 * DAY_MS + DECIDED_WITHIN_MS];
    expect(await found(first)).toMatchObject({ codes: [], unknown: 1 });
    expect(await found(last)).toMatchObject({ codes: [], unknown: 1 });
    for (const timeMs of [first - 1, last + 1])
      expect(await found(timeMs)).toMatchObject({ codes: ['DE 0 never-arrived'], unknown: 0 });
  });

  test('is lost, if an erased entry is wanted by more: one can have been one of them', async () => {
    const gone = [enters('x', 102 * DAY_MS), enters('y', 150 * DAY_MS)];
    const found = await compared([...lost.slice(1), end], [...gone, end], { fr: [0, 1] });
    expect(found).toMatchObject({
      codes: ['DE 0 never-arrived', 'DE 1 never-arrived'],
      shared: ['2,1', '2,1'],
      unknown: 0,
    });
    const both = await compared([...lost.slice(1), end], [gone[0] ?? end, enters('z', 103 * DAY_MS), end], {
      fr: [0, 1],
    });
    expect(both).toMatchObject({ codes: [], unknown: 2 });
  });

  test('is lost beside what is unknown: each group has its own count', async () => {
    const at = [10, 10, 10, 60, 110, 110].map((day, i) => leaves(`m${i}`, day * DAY_MS));
    const gone = [enters('x', 11 * DAY_MS), enters('y', 61 * DAY_MS), enters('z', 111 * DAY_MS)];
    expect(await compared([...at, end], [...gone, end], { fr: [0, 1, 2] })).toMatchObject({
      codes: [0, 1, 2, 4, 5].map((index) => `DE ${index} never-arrived`),
      shared: ['3,1', '3,1', '3,1', '2,1', '2,1'],
      unknown: 1,
    });
  });

  test('is unknown, if it was refused as expired and that is gone', async () => {
    const gone = { ...enters('x', 150 * DAY_MS), event: 'rejection' };
    expect(await compared([...lost.slice(1, 2), end], [gone, end], { fr: [0] })).toMatchObject({
      codes: [],
      unknown: 1,
    });
  });

  test.each(['read', 'evidence'])('is lost, if what is gone was of another kind: %s', async (event) => {
    const gone = { ...enters('x', 102 * DAY_MS), event };
    expect((await compared([...lost.slice(1), end], [gone, end], { fr: [0] })).codes).toHaveLength(2);
  });

  test('is lost, if what is gone may as well be what is missing the other way: one entry was one of them', async () => {
    const came = enters('c', 102 * DAY_MS, { from: 'isp.fr', to: 'hotline.de', issuedAtMs: 101 * DAY_MS });
    const gone = leaves('g', 102 * DAY_MS);
    expect(await compared([...lost.slice(1, 2), came, end], [gone, end], { fr: [0] })).toMatchObject({
      codes: ['DE 0 never-arrived', 'DE 1 arrived-without-leaving'],
      shared: ['2,1', '2,1'],
    });
  });

  test('may still be under way: what was lost is explained before it, and nothing twice', async () => {
    const [early, late] = [leaves('b', 101 * DAY_MS), leaves('c', 101.5 * DAY_MS)];
    const gone = (n: number) => Array.from({ length: n }, (_, i) => enters(`x${i}`, 101.9 * DAY_MS));
    const found = async (n: number) =>
      await compared([early, late], [...gone(n), until(101.9 * DAY_MS)], { fr: gone(n).map((_, i) => i) });
    expect(await found(0)).toMatchObject({ codes: ['DE 0 never-arrived'], unknown: 0, underWay: 1 });
    expect(await found(1)).toMatchObject({ codes: [], unknown: 1, underWay: 1 });
    expect(await found(2)).toMatchObject({ codes: [], unknown: 2, underWay: 0 });
  });
});

describe('what arrived and is not in the log that it left', () => {
  const atMs = 100 * DAY_MS;
  const issuedAtMs = atMs - 3 * DAY_MS;
  const found = (goneMs: number) =>
    compared(
      [leaves('x', goneMs), until(200 * DAY_MS)],
      [enters('a', atMs, { issuedAtMs }), until(200 * DAY_MS)],
      { de: [0] },
    );

  test.each<[string, number, number]>([
    ['is unknown, if an entry of its time is gone', atMs - 1, 1],
    ['is unknown, if one is gone that it may have been, by two clocks', atMs + CLOCKS_DIFFER_MS, 1],
    ['never left, if what is gone is younger', atMs + CLOCKS_DIFFER_MS + 1, 0],
    ['never left, if what is gone is older than it', issuedAtMs - LIMITS.skewMs - DECIDED_WITHIN_MS - 1, 0],
  ])('%s', async (_what, goneMs, unknown) => {
    expect(await found(goneMs)).toMatchObject({
      codes: unknown > 0 ? [] : ['FR 0 arrived-without-leaving'],
      unknown,
    });
  });
});

test('what leaves after the end of a year has not left before what left in it', async () => {
  const at = [0, 1, 2, 3, 4, 5].map((hour) => DAY_MS + hour * 3_600_000);
  const grown = async (nation: string, origin: string, made: readonly Made[]): Promise<LogSource> => {
    const log = new TestLog(mkdtempSync(join(dir, nation)), origin, nation);
    await log.grow(...made);
    return { nation, dir: log.at, vkey: vkeyOf(origin), archive: [], anchors: null };
  };
  const left = at.map((timeMs, i) => leaves(`m${i}`, timeMs));
  const came = [0, 1, 2, 4, 3, 5].map((i) => enters(`m${i}`, at[i] ?? 0));
  const { directions } = await reconcile([
    await grown('DE', ORIGIN, left.slice(0, 3)),
    await grown('DE', 'log.example/de/2027', left.slice(3)),
    await grown(
      'FR',
      FRENCH,
      came.map((one) => ({ ...one, timeMs: at[5] ?? 0 })),
    ),
  ]);
  expect(directions).toMatchObject([
    { arrived: 6, overtook: 1, inOtherOrder: [{ left: 0, arrived: 4, after: 1 }] },
  ]);
});
