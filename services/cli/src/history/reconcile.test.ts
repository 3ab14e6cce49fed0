import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import type { LogSource } from './log-source.js';
import { CLOCKS_DIFFER_MS } from './may-be-erased.js';
import { RELAY_MS, reconcile } from './reconcile.js';

const FRENCH = 'log.example/fr/2026';
const DAY_MS = 24 * 3_600_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-reconcile-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const crossing =
  (stage: 'leave' | 'enter') =>
  (id: string, timeMs: number): Made => {
    const seal = sealOf({ id, from: 'hotline.de', to: 'isp.fr' });
    const says = {
      seal,
      messageHash: messageHash(seal),
      stage,
      step: 'first',
      verdict: { decision: 'permit' },
    };
    return { event: 'crossing', timeMs, says };
  };
const [leaves, enters] = [crossing('leave'), crossing('enter')];
/** The log goes on until then. */
const until = (timeMs: number): Made => ({ event: 'setting', timeMs, says: { seal: new Uint8Array() } });

/** @param gone of each log, the entries that were erased: its last one says so */
async function compared(de: readonly Made[], fr: readonly Made[], gone: { de?: number[]; fr?: number[] }) {
  const build = async (nation: string, origin: string, made: readonly Made[], erased: number[] = []) => {
    const log = new TestLog(join(dir, nation), origin, nation);
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

  test('is unknown, if an entry of then or of later is gone', async () => {
    const found = (timeMs: number) =>
      compared([...lost.slice(1), end], [enters('x', timeMs), end], { fr: [0] });
    expect(await found(101 * DAY_MS - CLOCKS_DIFFER_MS)).toMatchObject({ codes: [], unknown: 2 });
    expect(await found(150 * DAY_MS)).toMatchObject({ codes: [], unknown: 2 });
    expect((await found(101 * DAY_MS - CLOCKS_DIFFER_MS - 1)).codes).toHaveLength(2);
  });

  test('is lost, if what is gone was no message', async () => {
    const gone = { ...until(150 * DAY_MS), event: 'read' };
    expect((await compared([...lost.slice(1), end], [gone, end], { fr: [0] })).codes).toHaveLength(2);
  });
});

describe('what arrived and is not in the log that it left', () => {
  const atMs = 100 * DAY_MS;
  const found = (goneMs: number) =>
    compared([leaves('x', goneMs), until(200 * DAY_MS)], [enters('a', atMs), until(200 * DAY_MS)], {
      de: [0],
    });

  test.each<[string, number, number]>([
    ['is unknown, if an entry of its time is gone', atMs - 1, 1],
    ['is unknown, if one is gone that it may have been, by two clocks', atMs + CLOCKS_DIFFER_MS, 1],
    ['never left, if what is gone is younger', atMs + CLOCKS_DIFFER_MS + 1, 0],
    [
      'never left, if what is gone had expired by then',
      atMs - LIMITS.lifetimeMs - RELAY_MS - CLOCKS_DIFFER_MS - 1,
      0,
    ],
  ])('%s', async (_what, goneMs, unknown) => {
    expect(await found(goneMs)).toMatchObject({
      codes: unknown > 0 ? [] : ['FR 0 arrived-without-leaving'],
      unknown,
    });
  });
});
