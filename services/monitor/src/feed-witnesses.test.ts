import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cosigner,
  type DirectoryWitness,
  formatNote,
  formatWitnessVkey,
  openCheckpoint,
  parseNote,
  parseWitnessVkey,
  readCosignatures,
} from '@entente/audit';
import { createLogger } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alarm } from './alarm-store.js';
import { type Feed, feedWitnesses } from './feed-witnesses.js';
import { HONEST, ORIGIN, OTHER, openShownLog, type ShownLog } from './fixture/shown-log.js';
import { witnessFor } from './open-witness.js';
import type { FollowedLog } from './read-logs-file.js';
import { servePublic } from './serve-public.js';
import { type MonitorStore, openStore } from './store.js';
import { type Watch, watchLog } from './watch-log.js';

const logger = createLogger('monitor', 'test');
const HOUR_MS = 3_600_000;

let dir: string;
let log: ShownLog;
let followed: FollowedLog;
let nowMs: number;
/** Of the nation whose log it is. */
let own: {
  readonly store: MonitorStore;
  readonly alarms: Alarm[];
  readonly feed: Feed;
  readonly watch: Watch;
};
let witnesses: DirectoryWitness[];
let stops: (() => Promise<void>)[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-witness-'));
  log = openShownLog(dir);
  followed = { nation: 'XX', origin: ORIGIN, key: log.key, views: [join(dir, 'a')] };
  nowMs = Date.now();
  witnesses = [];
  stops = [];
  const store = openStore(join(dir, 'own.sqlite'));
  const alarms: Alarm[] = [];
  const bell = { store, now: () => nowMs, onAlarm: (alarm: Alarm) => alarms.push(alarm) };
  const shared = { ...bell, silenceMs: 60_000, startedMs: nowMs };
  own = {
    ...{ store, alarms },
    watch: { ...shared, pinned: new Set() },
    feed: { ...shared, witnesses: () => witnesses, known: new Map() },
  };
});
afterEach(async () => {
  for (const stop of stops) await stop();
  own.store.close();
  rmSync(dir, { recursive: true });
});

const kinds = (alarms: readonly Alarm[]) => alarms.map(({ kind }) => kind);

function newCosigner(name: string): Cosigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
  return {
    key: parseWitnessVkey(formatWitnessVkey(name, raw)),
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

/** A monitor of another nation, as a witness, with its database in this file. */
async function startWitness(file: string, cosigner: Cosigner) {
  const store = openStore(join(dir, file));
  const alarms: Alarm[] = [];
  const now = () => nowMs;
  const bell = { store, now, onAlarm: (alarm: Alarm) => alarms.push(alarm) };
  const onFault = (error: unknown) => expect.unreachable(String(error));
  const witness = witnessFor(cosigner, 'YY', { logs: [followed], store, bell, now, onFault });
  const server = servePublic({ port: 0, store, witness, logger });
  const port = await server.start();
  let isOver = false;
  const stop = async () => {
    if (isOver) return;
    isOver = true;
    await server.stop();
    store.close();
  };
  stops.push(stop);
  return { store, alarms, stop, url: `http://127.0.0.1:${port}` };
}

function inDirectory(cosigner: Cosigner, url: string, nation = 'YY'): DirectoryWitness {
  const valid = { validFromMs: nowMs - HOUR_MS, validUntilMs: nowMs + HOUR_MS };
  return { nation, name: cosigner.key.name, key: cosigner.key, url, ...valid };
}

/** The log has these entries now; its nation's monitor looks, and asks. */
async function feed(entries: readonly Buffer[]): Promise<string | undefined> {
  await log.show('a', entries);
  await watchLog(own.watch, followed);
  await feedWitnesses(own.feed, followed);
  return own.store.attested(ORIGIN)?.note;
}

const cosignedBy = (note: string | undefined, ...by: Cosigner[]) =>
  readCosignatures(
    note ?? '',
    by.map(({ key }) => key),
  ).map(({ witness }) => witness.name);

describe('a log that grows', () => {
  test('is cosigned by all witnesses, each checkpoint that is looked at, and read by anybody', async () => {
    const cosigners = [newCosigner('w.example/1'), newCosigner('w.example/2')];
    for (const [i, cosigner] of cosigners.entries())
      witnesses.push(inDirectory(cosigner, (await startWitness(`w${i}.sqlite`, cosigner)).url));
    for (const size of [1, 2, 300, 300, 512, 700]) {
      const note = await feed(HONEST.slice(0, size));
      expect(openCheckpoint(note ?? '', log.key, ORIGIN).size).toBe(size);
      expect(cosignedBy(note, ...cosigners)).toEqual(['w.example/1', 'w.example/2']);
    }
    expect(own.alarms).toEqual([]);
    const open = servePublic({ port: 0, store: own.store, witness: undefined, logger });
    const port = await open.start();
    stops.push(open.stop);
    const answer = await fetch(`http://127.0.0.1:${port}/${encodeURIComponent(ORIGIN)}/checkpoint`);
    expect(await answer.text()).toBe(own.store.attested(ORIGIN)?.note);
    expect((await fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST' })).status).toBe(404);
  });

  test('gets the line of a witness that was away as soon as it is back', async () => {
    const [here, away] = [newCosigner('w.example/1'), newCosigner('w.example/2')];
    witnesses.push(inDirectory(here, (await startWitness('w1.sqlite', here)).url));
    witnesses.push(inDirectory(away, 'http://127.0.0.1:1'));
    expect(cosignedBy(await feed(HONEST.slice(0, 300)), here, away)).toEqual(['w.example/1']);
    witnesses[1] = inDirectory(away, (await startWitness('w2.sqlite', away)).url);
    expect(cosignedBy(await feed(HONEST.slice(0, 300)), here, away)).toEqual(['w.example/1', 'w.example/2']);
  });

  test('is cosigned though whoever shows it has added a false line in the name of a witness', async () => {
    const cosigner = newCosigner('w.example/1');
    witnesses.push(inDirectory(cosigner, (await startWitness('w.sqlite', cosigner)).url));
    const { note } = await log.show('a', HONEST.slice(0, 3));
    const { text, signatures } = parseNote(note);
    const line = { name: cosigner.key.name, keyId: cosigner.key.id, signature: Buffer.alloc(72, 1) };
    writeFileSync(join(dir, 'a/checkpoint'), formatNote(text, [...signatures, line]));
    await watchLog(own.watch, followed);
    await feedWitnesses(own.feed, followed);
    expect(cosignedBy(own.store.attested(ORIGIN)?.note, cosigner)).toEqual(['w.example/1']);
  });

  test('that is quiet for long is no silence of its witnesses', async () => {
    const cosigner = newCosigner('w.example/1');
    const witness = await startWitness('w.sqlite', cosigner);
    witnesses = [inDirectory(cosigner, witness.url)];
    await feed(HONEST.slice(0, 3));
    nowMs += 3_000_000;
    await feed(HONEST.slice(0, 3));
    await witness.stop();
    await feed(HONEST.slice(0, 4));
    expect(own.alarms).toEqual([]);
  });

  test('is not shown to a witness of its own nation, nor to one whose time is over', async () => {
    const cosigner = newCosigner('w.example/1');
    const { url } = await startWitness('w.sqlite', cosigner);
    witnesses.push(inDirectory(cosigner, url, 'XX'), { ...inDirectory(cosigner, url), validUntilMs: nowMs });
    expect(await feed(HONEST.slice(0, 3))).toBeUndefined();
  });
});

describe('a witness', () => {
  test('that died after it took a checkpoint, and before it answered, goes on from there', async () => {
    const cosigner = newCosigner('w.example/1');
    const dying = { key: cosigner.key, sign: () => Promise.reject(new Error('killed')) };
    const first = await startWitness('w.sqlite', dying);
    witnesses = [inDirectory(cosigner, first.url)];
    expect(await feed(HONEST.slice(0, 300))).toBeUndefined();
    expect(first.store.witness.last(ORIGIN)?.size).toBe(300);
    await first.stop();
    witnesses = [inDirectory(cosigner, (await startWitness('w.sqlite', cosigner)).url)];
    expect(cosignedBy(await feed(HONEST.slice(0, 400)), cosigner)).toEqual(['w.example/1']);
    expect(own.alarms).toEqual([]);
  });

  test('refuses a second history, larger or as large: both nations learn it', async () => {
    for (const size of [300, 500]) {
      const cosigner = newCosigner(`w.example/${size}`);
      const witness = await startWitness(`w${size}.sqlite`, cosigner);
      witnesses = [inDirectory(cosigner, witness.url)];
      own.store.set({ ...(await seen(HONEST.slice(0, 300))), size: 300 });
      await feedWitnesses(own.feed, followed);
      // The ledger's own nation is shown the second one, as if it had always been.
      own.store.set(await seen(OTHER.slice(0, size)));
      await feedWitnesses(own.feed, followed);
      await expect.poll(() => kinds(witness.alarms)).toEqual(['fork']);
      expect(witness.alarms[0]?.notes).toHaveLength(2);
      expect(witness.store.witness.last(ORIGIN)?.size).toBe(300);
      expect(cosignedBy(own.store.attested(ORIGIN)?.note, cosigner)).toEqual([cosigner.key.name]);
      expect(openCheckpoint(own.store.attested(ORIGIN)?.note ?? '', log.key, ORIGIN).size).toBe(300);
      own.feed.known.clear();
    }
    expect(kinds(own.alarms)).toEqual(['witness-refuses', 'witness-refuses']);
  });

  test('that finds a second history and fails to tell it tells its operator, and looks into the next one', async () => {
    const now = () => nowMs;
    const onAlarm = () => {
      throw new Error('disk full');
    };
    const faults: unknown[] = [];
    const onFault = (error: unknown) => faults.push(error);
    const bell = { store: own.store, now, onAlarm };
    const deps = { logs: [followed], store: own.store, bell, now, onFault };
    const { onUnproved } = witnessFor(newCosigner('w.example/1'), 'YY', deps);
    const cosigned = await seen(HONEST.slice(0, 300));
    for (const size of [500, 600]) {
      onUnproved(cosigned, await seen(OTHER.slice(0, size)));
      await expect.poll(() => faults.splice(0)).toEqual([new Error('disk full')]);
    }
  });

  test('that has cosigned more than the log shows is an alarm: the log went back', async () => {
    const cosigner = newCosigner('w.example/1');
    witnesses = [inDirectory(cosigner, (await startWitness('w.sqlite', cosigner)).url)];
    await feed(HONEST.slice(0, 400));
    // A ledger restored from a backup, and a monitor that is new as well.
    own.store.set(await seen(HONEST.slice(0, 300)));
    own.feed.known.clear();
    await feedWitnesses(own.feed, followed);
    expect(kinds(own.alarms)).toEqual(['witness-ahead']);
  });

  test('that does not answer is an alarm after its time, which ends by itself', async () => {
    const cosigner = newCosigner('w.example/1');
    witnesses = [inDirectory(cosigner, 'http://127.0.0.1:1')];
    await feed(HONEST.slice(0, 3));
    expect(own.alarms).toEqual([]);
    nowMs += 60_000;
    await feed(HONEST.slice(0, 3));
    expect(kinds(own.store.alarms())).toEqual(['witness-silent']);
    witnesses = [inDirectory(cosigner, (await startWitness('w.sqlite', cosigner)).url)];
    await feed(HONEST.slice(0, 3));
    expect(own.store.alarms()).toEqual([]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    [
      'another key',
      (response) => void response.end(`— w.example/1 ${Buffer.alloc(76, 1).toString('base64')}\n`),
    ],
    ['nothing', (response) => void response.end()],
    ['a page', (response) => void response.end('<html>'.repeat(1000))],
    ['ten megabytes', (response) => void response.end(Buffer.alloc(10_000_000, 10))],
    ['a size that is none', (response) => void response.writeHead(409).end('-1\n')],
    ['a size beyond the log', (response) => void response.writeHead(409).end('9007199254740991\n')],
    ['a redirection', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['and breaks off', (response) => void response.writeHead(200).write('— w', () => response.destroy())],
  ])('that answers with %s adds nothing, and does no harm', async (_, answer) => {
    const server = createServer((_request, response) => answer(response));
    const cosigner = newCosigner('w.example/1');
    witnesses = [inDirectory(cosigner, await listen(server))];
    expect(await feed(HONEST.slice(0, 3))).toBeUndefined();
    expect(kinds(own.alarms).filter((kind) => kind !== 'witness-ahead')).toEqual([]);
  });

  test('cannot add a line under the time of another day', async () => {
    const cosigner = newCosigner('w.example/1');
    witnesses = [inDirectory(cosigner, (await startWitness('w.sqlite', cosigner)).url)];
    const late = { ...own.feed, now: () => nowMs + 600_000 };
    await log.show('a', HONEST.slice(0, 3));
    await watchLog(own.watch, followed);
    await feedWitnesses(late, followed);
    expect(own.store.attested(ORIGIN)).toBeUndefined();
  });
});

async function seen(entries: readonly Buffer[]) {
  const { at, note } = await log.show('a', entries);
  return { ...openCheckpoint(note, log.key, ORIGIN), note, view: at, seenMs: nowMs };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
