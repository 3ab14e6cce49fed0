import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createMetrics, serveOperation } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMonitor } from './monitor.js';
import { raiseAlarm } from './raise-alarm.js';
import { type MonitorStore, openStore } from './store.js';

const NOW = Date.UTC(2026, 10, 27, 12);
const ORIGIN = 'entente.example/de/2026';
let dir: string;
let store: MonitorStore;
let monitor: ReturnType<typeof createMonitor>;
let operation: Awaited<ReturnType<typeof serveOperation>>;
beforeEach(async () => await open(mkdtempSync(join(tmpdir(), 'entente-alarms-'))));
afterEach(async () => {
  await close();
  rmSync(dir, { recursive: true });
});

async function open(folder: string): Promise<void> {
  dir = folder;
  store = openStore(join(dir, 'monitor.sqlite'));
  const logger = createLogger('monitor', 'test');
  logger.level = 'silent';
  const metrics = createMetrics();
  monitor = createMonitor({
    ...{ nation: 'DE', logs: [], store, witnesses: () => [], stamping: undefined, metrics, logger },
    ...{ silenceMs: 1, relayMs: 1, now: () => NOW },
  });
  operation = await serveOperation({
    ...{ port: 0, logger, metrics, needs: monitor.needs, pages: { '/alarms': monitor.alarms } },
    actions: { '/alarms/acknowledge': monitor.acknowledge },
  });
}

async function close(): Promise<void> {
  await operation.stop();
  store.close();
}

const raise = (kind: 'fork' | 'late' = 'fork', detail = 'two histories') =>
  raiseAlarm(monitor.bell, { origin: ORIGIN, kind, detail, notes: ['one', 'other'] });
const get = async (path: string) => await (await fetch(`http://127.0.0.1:${operation.port}${path}`)).text();
const alarms = async () => JSON.parse(await get('/alarms')).alarms as { id: number; kind: string }[];
const acknowledge = async (asked: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${operation.port}/alarms/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof asked === 'string' ? asked : JSON.stringify(asked),
  });
  return { status: response.status, text: await response.text() };
};
const word = { alarm: 1, by: 'A. Person', why: 'a mirror that was restored' };

describe('an alarm', () => {
  test('is open until a person has looked into it, and stays with its evidence, who it was, when and why', async () => {
    raise();
    expect(monitor.needs().agreement).toBe(false);
    expect(await get('/metrics')).toContain('entente_monitor_alarms{kind="fork",state="open"} 1');
    expect(await acknowledge(word)).toMatchObject({ status: 200 });
    expect(monitor.needs().agreement).toBe(true);
    expect(await get('/metrics')).toContain('entente_monitor_alarms{kind="fork",state="acknowledged"} 1');
    const at = new Date(NOW).toISOString();
    const acknowledged = { at, by: word.by, why: word.why };
    const kept = [
      {
        id: 1,
        at,
        origin: ORIGIN,
        kind: 'fork',
        detail: 'two histories',
        notes: ['one', 'other'],
        acknowledged,
      },
    ];
    expect(await alarms()).toEqual(kept);
    await close();
    await open(dir);
    expect(await alarms()).toEqual(kept);
  });

  test('does not come again once it is acknowledged; another one is open, and shown first', async () => {
    raise();
    await acknowledge(word);
    raise();
    expect(await alarms()).toHaveLength(1);
    raise('late', 'another');
    expect((await alarms()).map(({ kind }) => kind)).toEqual(['late', 'fork']);
    expect(monitor.needs().agreement).toBe(false);
  });

  test('is shown though a log fills others with megabytes, and each of them by itself with all its evidence', async () => {
    const notes = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
    for (let i = 0; i < 20; i++)
      raiseAlarm(monitor.bell, {
        origin: ORIGIN,
        kind: 'fork',
        about: `place ${i}`,
        detail: `two, ${i}`,
        notes,
      });
    const text = await get('/alarms');
    expect(text.length).toBeLessThan(9_000_000);
    const shown = JSON.parse(text).alarms as { id: number; notes: string[]; notesLeftOut?: true }[];
    expect(shown).toHaveLength(20);
    expect(shown.map((one) => [one.notes.length, one.notesLeftOut])).toContainEqual([0, true]);
    expect(shown[0]).toMatchObject({ id: 20, notes });
    expect(JSON.parse(await get('/alarms?alarm=1')).alarms).toMatchObject([
      { id: 1, detail: 'two, 0', notes },
    ]);
    expect(JSON.parse(await get('/alarms?alarm=99'))).toEqual({ alarms: [] });
  });

  test('has one word, the first', async () => {
    raise();
    await acknowledge(word);
    const again = await acknowledge({ ...word, by: 'Somebody Else' });
    expect(again).toMatchObject({ status: 422, text: expect.stringContaining('no open alarm 1') });
    expect(await get('/alarms')).not.toContain('Somebody Else');
  });
});

describe('what acknowledges nothing', () => {
  test.each<[string, unknown, number]>([
    ['no such alarm', { ...word, alarm: 9 }, 422],
    ['no number', { ...word, alarm: '1' }, 422],
    ['nobody', { ...word, by: ' ' }, 422],
    ['no reason', { alarm: 1, by: 'A. Person' }, 422],
    ['two lines', { ...word, why: 'a\nALARM: another' }, 422],
    ['a name that turns the line around', { ...word, by: 'A\u202eB' }, 422],
    ['too many words', { ...word, why: 'a'.repeat(1001) }, 422],
    ['no object', 'null', 422],
    ['no JSON', '{', 400],
    ['too much', 'a'.repeat(20_000), 413],
  ])('%s', async (_, asked, status) => {
    raise();
    expect(await acknowledge(asked)).toMatchObject({ status });
    expect(monitor.needs().agreement).toBe(false);
  });

  test('a page in a browser on the same machine', async () => {
    raise();
    expect(await acknowledge(word, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(monitor.needs().agreement).toBe(false);
  });
});
