import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alarm } from './alarm-store.js';
import { HONEST, ORIGIN, OTHER, openShownLog, type ShownLog } from './fixture/shown-log.js';
import { openStore } from './store.js';
import { type Watch, watchLog } from './watch-log.js';

let dir: string;
let watch: Watch & { nowMs: number };
let alarms: Alarm[];
let log: ShownLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-monitor-'));
  log = openShownLog(dir);
  alarms = [];
  watch = {
    nowMs: 1_000_000,
    store: openStore(join(dir, 'monitor.sqlite')),
    now: () => watch.nowMs,
    silenceMs: 60_000,
    startedMs: 1_000_000,
    pinned: new Set(),
    onAlarm: (alarm) => alarms.push(alarm),
  };
});
afterEach(() => {
  watch.store.close();
  rmSync(dir, { recursive: true });
});

const show = async (view: string, entries: readonly Buffer[]) => (await log.show(view, entries)).at;
const look = async (...views: string[]) =>
  await watchLog(watch, {
    nation: 'XX',
    origin: ORIGIN,
    key: log.key,
    views: views.map((view) => join(dir, view)),
  });
const kinds = () => alarms.map(({ kind }) => kind);

describe('an honest log', () => {
  test('grows, and is shown late in another place, without an alarm', async () => {
    for (const size of [1, 2, 300, 300, 512, 700]) {
      await show('a', HONEST.slice(0, size));
      await look('a', 'b');
    }
    await show('b', HONEST.slice(0, 400));
    await look('a', 'b');
    await show('b', HONEST.slice(0, 600));
    await look('a', 'b');
    expect(alarms).toEqual([]);
    expect(watch.store.seenOf(ORIGIN).map(({ size }) => size)).toEqual([700, 600]);
  });
});

describe('an alarm', () => {
  test('a second history in the same place: a fork, with both checkpoints, once, and the first stays what it is compared with', async () => {
    await show('a', HONEST.slice(0, 400));
    await look('a');
    const first = readFileSync(join(dir, 'a/checkpoint'), 'utf8');
    await show('a', OTHER.slice(0, 600));
    for (let i = 0; i < 3; i++) await look('a');
    expect(kinds()).toEqual(['fork']);
    expect(alarms[0]?.notes).toEqual([first, readFileSync(join(dir, 'a/checkpoint'), 'utf8')]);
    expect(watch.store.seenOf(ORIGIN).map(({ size }) => size)).toEqual([400]);
  });

  test.each([
    ['larger', 600],
    ['as large', 400],
    ['smaller', 300],
  ])('another history in another place: a split view, though it is %s', async (_, size) => {
    await show('a', HONEST.slice(0, 400));
    await show('b', OTHER.slice(0, size));
    await look('a', 'b');
    expect(kinds()).toEqual(['split-view']);
    expect(alarms[0]?.notes).toHaveLength(2);
  });

  test('fewer entries than before: a rollback, though all of them are true', async () => {
    await show('a', HONEST.slice(0, 400));
    await look('a');
    await show('a', HONEST.slice(0, 399));
    await look('a');
    expect(kinds()).toEqual(['rollback']);
  });

  test('of a place that goes back in ever other sizes: the first and the newest stay open, until somebody has looked into them', async () => {
    await show('a', HONEST.slice(0, 400));
    await look('a');
    for (let size = 399; size > 380; size--) {
      await show('a', HONEST.slice(0, size));
      await look('a');
    }
    const open = () => watch.store.alarms().filter(({ acknowledged }) => !acknowledged);
    expect(open().map(({ detail }) => / (\d+) now$/.exec(detail)?.[1])).toEqual(['381', '399']);
    expect(kinds()).toEqual(['rollback', 'rollback']);
    for (const { id } of open()) watch.store.acknowledge(id, { by: 'A', why: 'b', atMs: 1 });
    await show('a', HONEST.slice(0, 200));
    await look('a');
    expect(open()).toHaveLength(1);
  });

  test('a log that contradicts itself in one place takes nothing away of what another place showed', async () => {
    for (const view of ['a', 'b']) await show(view, HONEST.slice(0, 400));
    await look('a', 'b');
    await show('b', OTHER.slice(0, 300));
    await look('a', 'b');
    for (let size = 401; size < 410; size++) {
      await show('a', OTHER.slice(0, size));
      await look('a', 'b');
    }
    const details = watch.store.alarms().map(({ detail }) => detail);
    expect(details.some((detail) => detail.startsWith(`${join(dir, 'b')} showed 400`))).toBe(true);
    expect(details).toHaveLength(3);
  });

  test('a checkpoint that the log has not signed, or that is none', async () => {
    const path = join(await show('a', HONEST.slice(0, 400)), 'checkpoint');
    writeFileSync(path, readFileSync(path, 'utf8').replace('\n400\n', '\n401\n'));
    await look('a');
    writeFileSync(join(dir, 'a/checkpoint'), 'nothing of the kind');
    await look('a');
    expect(kinds()).toEqual(['not-signed', 'not-signed']);
    expect(watch.store.seenOf(ORIGIN)).toEqual([]);
  });

  test('tiles that do not show how it has grown', async () => {
    await show('a', HONEST.slice(0, 300));
    await look('a');
    await show('a', HONEST);
    rmSync(join(dir, 'a/tile'), { recursive: true });
    await look('a');
    expect(kinds()).toEqual(['incomplete']);
  });

  test('a tile that is not of the log, which whoever shows it can have changed: no second history', async () => {
    await show('a', HONEST.slice(0, 300));
    await look('a');
    await show('a', HONEST);
    const path = join(dir, 'a/tile/0/001');
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.from(bytes).fill(7, 32 * 50, 32 * 51));
    await look('a');
    expect(kinds()).toEqual(['incomplete']);
    writeFileSync(path, bytes);
    await look('a');
    expect(watch.store.seenOf(ORIGIN)).toMatchObject([{ size: HONEST.length }]);
  });

  test('silence, which ends by itself; the others do not', async () => {
    await show('a', HONEST.slice(0, 300));
    await look('a');
    cpSync(join(dir, 'a'), join(dir, 'kept'), { recursive: true });
    rmSync(join(dir, 'a'), { recursive: true });
    watch.nowMs += 59_999;
    await look('a');
    expect(kinds()).toEqual([]);
    watch.nowMs += 1;
    await look('a');
    expect(kinds()).toEqual(['silent']);
    expect(watch.store.alarms()).toHaveLength(1);
    cpSync(join(dir, 'kept'), join(dir, 'a'), { recursive: true });
    await look('a');
    expect(watch.store.alarms()).toEqual([]);
    await show('a', OTHER.slice(0, 300));
    await look('a');
    await show('a', HONEST.slice(0, 300));
    await look('a');
    expect(watch.store.alarms().map(({ kind }) => kind)).toEqual(['fork']);
  });
});

describe('a checkpoint that is pinned', () => {
  const pinned = async (entries: readonly Buffer[]) => {
    const { note } = await log.show('pinned', entries);
    return { ...openCheckpoint(note, log.key, ORIGIN), note };
  };
  const lookWith = async (first: Awaited<ReturnType<typeof pinned>>) =>
    await watchLog(watch, { nation: 'XX', origin: ORIGIN, key: log.key, views: [join(dir, 'a')], first });

  test('is continued by an honest log, from the first look on', async () => {
    const first = await pinned(HONEST.slice(0, 300));
    for (const size of [300, 400]) {
      await show('a', HONEST.slice(0, size));
      await lookWith(first);
    }
    expect(alarms).toEqual([]);
    expect(watch.store.seenOf(ORIGIN)[0]?.size).toBe(400);
  });

  test('finds another history at the first look: nothing of it is believed', async () => {
    const first = await pinned(HONEST.slice(0, 300));
    await show('a', OTHER.slice(0, 400));
    await lookWith(first);
    expect(kinds()).toEqual(['fork']);
    expect(watch.store.seenOf(ORIGIN)).toEqual([]);
  });

  test('finds it also where the monitor had believed it before the pin came', async () => {
    await show('a', OTHER.slice(0, 400));
    await look('a');
    await lookWith(await pinned(HONEST.slice(0, 300)));
    expect(kinds()).toEqual(['fork']);
  });

  test('finds a log that is smaller', async () => {
    const first = await pinned(HONEST.slice(0, 300));
    await show('a', HONEST.slice(0, 299));
    await lookWith(first);
    expect(kinds()).toEqual(['rollback']);
  });
});

describe('over HTTP', () => {
  let server: Server;
  let answer: { status: number; body: Buffer };
  const at = async () => {
    server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => server.close());

  test('a server that fails is no alarm but silence; one that answers without end, or elsewhere, is not followed', async () => {
    const shown = { nation: 'XX', origin: ORIGIN, key: log.key, views: [await at()] };
    for (answer of [
      { status: 500, body: Buffer.from('no') },
      { status: 404, body: Buffer.from('no') },
      { status: 200, body: Buffer.alloc(2_000_000, 10) },
    ])
      await watchLog(watch, shown);
    expect(alarms).toEqual([]);
    answer = { status: 200, body: Buffer.from('hello') };
    await watchLog(watch, shown);
    expect(kinds()).toEqual(['not-signed']);
  });
});
