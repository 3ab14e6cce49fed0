import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatStampRequest, openTimeStamp, readRoots } from '@entente/audit';
import { makeTestTsa, type TestTsa } from '@entente/audit/test-tsa';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Alarm } from './alarm-store.js';
import { HONEST, ORIGIN, openShownLog, type ShownLog } from './fixture/shown-log.js';
import type { FollowedLog } from './read-logs-file.js';
import { type Stamping, stampLog } from './stamp-log.js';
import { openStore } from './store.js';
import { watchLog } from './watch-log.js';

const HOUR_MS = 3_600_000;
let tsa: TestTsa;
let stranger: TestTsa;
let server: Server;
let answer: (request: Buffer) => Buffer | undefined;
let url: string;
beforeAll(async () => {
  [tsa, stranger] = [makeTestTsa(), makeTestTsa()];
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = answer(Buffer.concat(parts));
    if (body) response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(body);
    else response.writeHead(503).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  tsa.remove();
  stranger.remove();
});

let dir: string;
let log: ShownLog;
let followed: FollowedLog;
let nowMs: number;
let alarms: Alarm[];
let stamping: Stamping;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-stamp-'));
  log = openShownLog(dir);
  followed = { nation: 'XX', origin: ORIGIN, key: log.key, views: [join(dir, 'a')] };
  nowMs = Date.now();
  alarms = [];
  const bell = {
    store: openStore(join(dir, 'm.sqlite')),
    now: () => nowMs,
    onAlarm: (one: Alarm) => alarms.push(one),
  };
  const times = { everyMs: HOUR_MS, silenceMs: 60_000, startedMs: nowMs };
  stamping = {
    ...bell,
    ...times,
    url,
    roots: readRoots(tsa.roots),
    newNonce: () => randomBytes(12),
    missing: new Map(),
  };
  answer = (request) => tsa.reply(request);
});
afterEach(() => {
  stamping.store.close();
  rmSync(dir, { recursive: true });
});

async function stampAt(size: number) {
  await log.show('a', HONEST.slice(0, size));
  await watchLog({ ...stamping, pinned: new Set() }, followed);
  await stampLog(stamping, followed);
  return stamping.store.lastStamped(ORIGIN);
}
const active = () => stamping.store.alarms().map(({ detail }) => /\((.*)\)/.exec(detail)?.[1]);

test('a checkpoint is stamped when its time has come and the log has grown; the stamp is over its bytes', async () => {
  const first = await stampAt(3);
  expect(first?.size).toBe(3);
  expect(openTimeStamp(first?.stamp ?? Buffer.alloc(0), Buffer.from(first?.note ?? '')).authority).toBe(
    'CN=Test authority',
  );
  expect((await stampAt(5))?.size).toBe(3);
  nowMs += 240_000;
  stamping = { ...stamping, everyMs: 200_000 };
  expect((await stampAt(5))?.size).toBe(5);
  expect((await stampAt(5))?.atMs).toBe(nowMs);
  expect(stamping.store.firstStamped(ORIGIN, 2)?.size).toBe(3);
  expect(alarms).toEqual([]);
});

test('an authority that is away is an alarm after its time; the next stamp covers what was missed, and ends it', async () => {
  const back = answer;
  answer = () => undefined;
  expect(await stampAt(3)).toBeUndefined();
  expect(alarms).toEqual([]);
  nowMs += 60_000;
  await stampAt(4);
  expect(active()).toEqual(['unreachable']);
  expect(stamping.store.alarms().map(({ kind }) => kind)).toEqual(['not-stamped']);
  answer = back;
  nowMs += 30_000;
  expect((await stampAt(5))?.size).toBe(5);
  expect(active()).toEqual([]);
});

test.each<[string, () => typeof answer, string]>([
  ['of a stranger', () => (request) => stranger.reply(request), 'stamp-not-trusted'],
  [
    'over something else',
    () => () => tsa.reply(formatStampRequest(Buffer.from('x'), randomBytes(12))),
    'stamp-of-other-bytes',
  ],
  ['that is none', () => () => Buffer.from('hello'), 'stamp-malformed'],
  ['that is a refusal', () => () => Buffer.from('30053003020102', 'hex'), 'stamp-refused'],
])('a stamp %s is not kept, and is an alarm at once', async (_, make, code) => {
  answer = make();
  expect(await stampAt(3)).toBeUndefined();
  expect(active()).toEqual([code]);
});

test('an old stamp of the same checkpoint, sent again, is not kept', async () => {
  const seen: Buffer[] = [];
  answer = (request) => {
    seen.push(tsa.reply(request));
    return seen[0];
  };
  await stampAt(3);
  stamping.missing.clear();
  stamping = { ...stamping, store: openStore(join(dir, 'other.sqlite')) };
  expect(await stampAt(3)).toBeUndefined();
  expect(active()).toEqual(['stamp-of-other-bytes']);
});

test('a stamp of another time than now is not kept', async () => {
  nowMs += 600_000;
  expect(await stampAt(3)).toBeUndefined();
  expect(active()).toEqual(['time-wrong']);
});
