import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectStatistics } from '../report/collect.js';
import { readRegister } from '../report/register.js';
import { readCase } from './case-timeline.js';
import { type Made, ORIGIN, TestLog, vkeyOf } from './fixture/test-log.js';
import type { LogSource } from './log-source.js';
import { planErasure } from './plan-erasure.js';
import { readChanges } from './read-changes.js';
import type { OnProgress } from './read-log.js';
import { reconcile } from './reconcile.js';
import { sampleLog } from './sample-log.js';

const SIZE = 600;
let dir: string;
let sources: LogSource[];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-merge-'));
  const made = Array.from(
    { length: SIZE },
    (): Made => ({ event: 'setting', says: { seal: new Uint8Array() } }),
  );
  sources = [];
  for (const [nation, origin] of [
    ['DE', ORIGIN],
    ['FR', 'log.example/fr/2026'],
  ] as const) {
    const log = new TestLog(join(dir, nation), origin, nation);
    await log.grow(...made);
    sources.push({ nation, dir: log.at, vkey: vkeyOf(origin), archive: [], anchors: null });
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('how far it is', () => {
  test.each<[string, (onProgress: OnProgress) => Promise<unknown>]>([
    ['reconcile', (onProgress) => reconcile(sources, { onProgress })],
    ['case', (onProgress) => readCase(sources, 'c', onProgress)],
    ['report', (onProgress) => collectStatistics(sources, {}, onProgress)],
    ['register', (onProgress) => readRegister(sources, {}, () => undefined, onProgress)],
  ])('is said by %s of all logs together', async (_name, run) => {
    const told = await progressOf(run);
    expect(told.at(-1)).toEqual([1024, 2 * SIZE]);
    expect(told).toHaveLength(6);
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
  });

  test.each<[string, (source: LogSource, onProgress: OnProgress) => Promise<unknown>]>([
    ['sample', (source, onProgress) => sampleLog(source, { size: 1 }, onProgress)],
    ['changes', readChanges],
    [
      'retention plan',
      (source, onProgress) => planErasure(source, { days: 1, logDays: 1 }, new Set(), onProgress),
    ],
  ])('is said by %s', async (_name, run) => {
    const [source] = sources;
    expect(source && (await progressOf((onProgress) => run(source, onProgress)))).toEqual([
      [0, SIZE],
      [256, SIZE],
      [512, SIZE],
    ]);
  });
});

async function progressOf(run: (onProgress: OnProgress) => Promise<unknown>): Promise<[number, number][]> {
  const told: [number, number][] = [];
  await run((done, size) => told.push([done, size]));
  return told;
}
