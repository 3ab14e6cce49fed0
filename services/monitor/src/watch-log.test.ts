import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendLeaves,
  formatVkey,
  leafHash,
  type NoteKey,
  parseVkey,
  publishCheckpoint,
  readThrough,
  signCheckpoint,
  writeTiles,
} from '@entente/audit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Alarm, openStore } from './store.js';
import { type Watch, watchLog } from './watch-log.js';

const ORIGIN = 'entente.example/xx/2026';
const HONEST = Array.from({ length: 700 }, (_, i) => Buffer.from(`entry ${i}`));
const OTHER = HONEST.with(5, Buffer.from('another entry 5'));

let dir: string;
let watch: Watch & { nowMs: number };
let alarms: Alarm[];
let key: NoteKey;
let privateKey: KeyObject;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-monitor-'));
  const pair = generateKeyPairSync('ed25519');
  privateKey = pair.privateKey;
  key = parseVkey(
    formatVkey(ORIGIN, Buffer.from(String(pair.publicKey.export({ format: 'jwk' }).x), 'base64url')),
  );
  alarms = [];
  watch = {
    nowMs: 1_000_000,
    store: openStore(join(dir, 'monitor.sqlite')),
    now: () => watch.nowMs,
    silenceMs: 60_000,
    startedMs: 1_000_000,
    onAlarm: (alarm) => alarms.push(alarm),
  };
});
afterEach(() => {
  watch.store.close();
  rmSync(dir, { recursive: true });
});

/** A log with these entries, as its ledger shows it: signed with the log's own key, whatever it says. */
async function show(view: string, entries: readonly Buffer[]): Promise<string> {
  const at = join(dir, view);
  mkdirSync(at, { recursive: true });
  const { size, root, nodes } = appendLeaves(0, entries.map(leafHash), () => undefined);
  const readNode = readThrough(nodes, () => undefined);
  writeTiles(at, 0, size, readNode, (index) => entries[index]);
  const signer = { key, sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };
  publishCheckpoint(at, await signCheckpoint({ origin: ORIGIN, size, root }, [signer]));
  return at;
}
const look = async (...views: string[]) =>
  await watchLog(watch, { nation: 'XX', origin: ORIGIN, key, views: views.map((view) => join(dir, view)) });
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
    const log = { nation: 'XX', origin: ORIGIN, key, views: [await at()] };
    for (answer of [
      { status: 500, body: Buffer.from('no') },
      { status: 404, body: Buffer.from('no') },
      { status: 200, body: Buffer.alloc(2_000_000, 10) },
    ])
      await watchLog(watch, log);
    expect(alarms).toEqual([]);
    answer = { status: 200, body: Buffer.from('hello') };
    await watchLog(watch, log);
    expect(kinds()).toEqual(['not-signed']);
  });
});
