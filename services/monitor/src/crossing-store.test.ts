import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCrossings, type Untold } from './crossing-store.js';
import { MIGRATIONS } from './migrations.js';

const WAY = { from: 'DE', to: 'FR' } as const;
const RELAY_MS = 12 * 3_600_000;
const [GERMAN, FRENCH] = ['log.example/de', 'log.example/fr'];
let dir: string;
let db: ReturnType<typeof openDatabase>;
let crossings: ReturnType<typeof openCrossings>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-crossings-'));
  db = openDatabase(join(dir, 'm.sqlite'), MIGRATIONS);
  crossings = openCrossings(db);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

/** One message each, at the entry of its place in this list: how long after it left it arrived. */
function meet(
  tookMs: readonly number[],
  { from, to }: { from: string; to: string } = WAY,
  relayMs = RELAY_MS,
): void {
  const leftMs = 1_800_000_000_000;
  const crossed = (side: 'left' | 'came', timeMs: (tookMs: number) => number) =>
    tookMs.map((took, index) => ({
      ...{ from, to, side, index, origin: side === 'left' ? GERMAN : FRENCH, timeMs: timeMs(took) },
      messageHash: createHash('sha256').update(`${from} ${to} ${index}`).digest(),
    }));
  const log = { size: tookMs.length, nodes: [], hidden: [], readMs: 0, relayMs };
  crossings.add(GERMAN, { ...log, crossed: crossed('left', () => leftMs) });
  crossings.add(FRENCH, { ...log, crossed: crossed('came', (took) => leftMs + took) });
}

function told(way: { from: string; to: string } = WAY): Untold | undefined {
  let found: Untold | undefined;
  crossings.tellLate(way, (untold) => {
    found = untold;
  });
  return found;
}

const kept = (): number => Number(db.prepare('SELECT count(*) AS n FROM late').get()?.n);

describe('of what has met its other half', () => {
  test('nothing is kept that took as long as it may, or seems to have come first', () => {
    meet([0, RELAY_MS - 1, RELAY_MS, -60_000]);
    expect(kept()).toBe(0);
    expect(told()).toBeUndefined();
  });

  test('nothing stays that was late only by another time, given when it met', () => {
    meet([0, RELAY_MS - 1, RELAY_MS, RELAY_MS + 1], WAY, 0);
    expect(kept()).toBe(3);
    crossings.dropInTime(RELAY_MS);
    expect(told()?.count).toBe(1);
  });

  test('what took longer stays, until it is told, of each way for itself', () => {
    meet([0, RELAY_MS + 1, RELAY_MS, 2 * RELAY_MS]);
    meet([RELAY_MS + 1, 5], { from: 'FR', to: 'DE' });
    crossings.dropInTime(RELAY_MS);
    crossings.dropInTime(RELAY_MS);
    expect(kept()).toBe(3);
    expect(told()).toEqual({ count: 2, origin: FRENCH, index: 1 });
    expect(told()).toBeUndefined();
    expect(told({ from: 'FR', to: 'DE' })).toMatchObject({ count: 1, index: 0 });
    expect(kept()).toBe(0);
  });

  test('another time that it may take counts from then on: what is dropped is not late afterwards', () => {
    meet([RELAY_MS + 1, 2 * RELAY_MS]);
    crossings.dropInTime(RELAY_MS + 1);
    crossings.dropInTime(0);
    expect(told()).toMatchObject({ count: 1, index: 1 });
  });
});
