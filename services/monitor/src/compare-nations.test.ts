import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeBundle,
  encodeRecords,
  parseRecordsPath,
  parseTilePath,
  readLogAt,
  TILE_WIDTH,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alarm } from './alarm-store.js';
import { type Comparing, compareNations } from './compare-nations.js';
import { openShownLog, type ShownLog } from './fixture/shown-log.js';
import { type Following, followCrossings } from './follow-crossings.js';
import type { FollowedLog } from './read-logs-file.js';
import { openStore } from './store.js';
import { watchLog } from './watch-log.js';

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;

interface Entry {
  readonly leaf: Buffer;
  readonly salt: Uint8Array;
  readonly record: Uint8Array;
}

/** A ledger of a nation, which shows its log and, to who has the token, the records. */
interface Nation {
  readonly code: string;
  readonly log: ShownLog;
  entries: Entry[];
  readonly server: Server;
  readonly followed: FollowedLog;
}

let dir: string;
let nowMs: number;
let alarms: Alarm[];
let bell: Comparing & Following & { silenceMs: number; startedMs: number; pinned: Set<string> };
let de: Nation;
let fr: Nation;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-nations-'));
  nowMs = START_MS;
  alarms = [];
  const store = openStore(join(dir, 'm.sqlite'));
  const onAlarm = (alarm: Alarm) => void alarms.push(alarm);
  const times = { silenceMs: 99 * HOUR_MS, startedMs: nowMs, relayMs: 12 * HOUR_MS };
  const isRead = (nation: string) => ['DE', 'FR'].includes(nation);
  bell = { store, now: () => nowMs, onAlarm, ...times, isRead, pinned: new Set() };
  [de, fr] = [await nation('DE'), await nation('FR')];
});
afterEach(async () => {
  for (const { server } of [de, fr]) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  bell.store.close();
  rmSync(dir, { recursive: true });
});

async function nation(code: string): Promise<Nation> {
  const log = openShownLog(join(dir, code), `entente.example/${code.toLowerCase()}/2026`);
  const one: { entries: Entry[] } = { entries: [] };
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').slice(1);
    const tile = parseTilePath(path);
    const [asked, records] = [tile?.level === 'entries' ? tile : undefined, parseRecordsPath(path)];
    if ((asked ?? records) && request.headers.authorization !== 'Bearer secret') {
      response.writeHead(401).end();
      return;
    }
    const { index, width } = asked ?? records ?? { index: 0, width: 0 };
    const own = one.entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width);
    const shown = (): Buffer | undefined => {
      if (own.length < width) return undefined;
      if (asked) return encodeBundle(own.map(({ leaf }) => leaf));
      return encodeRecords(own.map((entry) => (entry.record.length > 0 ? entry : undefined)));
    };
    const bytes = (asked ?? records) ? shown() : await readLogAt(join(dir, code, 'a'))(path, 1_000_000);
    if (bytes && bytes.length > 0) response.writeHead(200).end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const views = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  const followed = { nation: code, origin: log.key.name, key: log.key, views, token: 'secret' };
  return Object.assign(one, { code, log, server, followed });
}

const crossing = (
  id: string,
  code: string,
  stage: string,
  timeMs: number,
  { decision = 'permit', to = 'isp.fr' } = {},
): Entry => {
  const header = wire.header.encode({ id, from: 'hotline.de', to });
  const seal = Buffer.from(`e30.${Buffer.from(header).toString('base64url')}.c2ln`);
  const messageHash = createHash('sha256').update(id).digest();
  const verdict = { decision };
  const draft = { nation: code, event: 'crossing', stage, step: 'first', seal, messageHash, verdict };
  return logged('crossing', timeMs, wire.record.encode(draft));
};

function logged(event: string, timeMs: number, record: Uint8Array): Entry {
  const salt = randomBytes(16);
  const commitment = createHash('sha256').update(salt).update(record).digest();
  return { leaf: Buffer.from(wire.leaf.encode({ event, timeMs, commitment })), salt, record };
}

const leaves = (id: string, timeMs = nowMs, change = {}) =>
  de.entries.push(crossing(id, 'DE', 'leave', timeMs, change));
/** An entry without the record that it commits to. */
const erases = (nation: Nation, timeMs = nowMs) => {
  const { leaf } = logged('crossing', timeMs, randomBytes(8));
  nation.entries.push({ leaf, salt: Buffer.alloc(0), record: Buffer.alloc(0) });
};
const arrives = (id: string, timeMs = nowMs) => fr.entries.push(crossing(id, 'FR', 'enter', timeMs));
const crosses = (id: string) => {
  leaves(id);
  arrives(id);
};

/** The monitor looks at both, as it does every few seconds. */
async function look(): Promise<void> {
  for (const { log, entries, followed } of [de, fr]) {
    if (entries.length > 0)
      await log.show(
        'a',
        entries.map(({ leaf }) => leaf),
      );
    await watchLog(bell, followed);
    await followCrossings(bell, followed);
  }
  compareNations(
    bell,
    [de, fr].map(({ followed }) => followed),
  );
}
const kinds = () => alarms.map(({ kind }) => kind);
const acknowledgeAll = () => {
  for (const { id } of bell.store.alarms()) bell.store.acknowledge(id, { by: 'A', why: 'b', atMs: nowMs });
};

describe('two nations', () => {
  test('whose logs agree are no alarm, however long one looks, and nothing is kept of what has met', async () => {
    arrives('x0', nowMs + 1000);
    leaves('x0');
    for (let i = 1; i <= 150; i++) {
      leaves(`a${i}`);
      arrives(`a${i}`, nowMs + 1000);
    }
    leaves('refused', nowMs, { decision: 'refuse' });
    await look();
    nowMs += 48 * HOUR_MS;
    await look();
    expect(alarms).toEqual([]);
    expect(bell.store.crossings.countUnmet()).toBe(0);
  });

  test('of which one says that a message has left, and the other one has nothing of it after its time', async () => {
    arrives('first');
    leaves('first');
    leaves('lost');
    await look();
    nowMs += 12 * HOUR_MS - 1;
    await look();
    expect(alarms).toEqual([]);
    nowMs += 1;
    await look();
    await look();
    expect(kinds()).toEqual(['never-arrived']);
    expect(alarms[0]).toMatchObject({ origin: 'entente.example/de/2026' });
  });

  test('of which one has what never left the other', async () => {
    leaves('first');
    arrives('first');
    arrives('forged');
    await look();
    expect(alarms).toEqual([]);
    nowMs += HOUR_MS;
    await look();
    expect(kinds()).toEqual(['arrived-without-leaving']);
  });

  test('between which a message took longer than it may', async () => {
    leaves('slow');
    nowMs += 12 * HOUR_MS + 1;
    arrives('slow');
    await look();
    await look();
    expect(kinds()).toEqual(['late']);
  });

  test('of which one loses more after somebody has looked into the first: that is another alarm, and one', async () => {
    crosses('first');
    leaves('lost');
    await look();
    nowMs += 12 * HOUR_MS;
    await look();
    acknowledgeAll();
    for (let i = 0; i < 5; i++) leaves(`more${i}`, nowMs + i);
    await look();
    expect(alarms).toHaveLength(1);
    nowMs += 13 * HOUR_MS;
    await look();
    await look();
    expect(kinds()).toEqual(['never-arrived', 'never-arrived']);
    expect(alarms[1]?.detail).toContain('5, the first is entry 2 of entente.example/de/2026');
    expect(bell.store.alarms()[0]).toMatchObject({ acknowledged: null });
  });

  test('of which one loses more while nobody has looked into the first: that is told when somebody has', async () => {
    crosses('first');
    for (let i = 0; i < 9; i++) {
      leaves(`lost${i}`);
      await look();
      nowMs += 12 * HOUR_MS;
      await look();
    }
    expect(bell.store.alarms()).toHaveLength(1);
    acknowledgeAll();
    await look();
    await look();
    expect(alarms.map(({ detail }) => /: (\d, .*) of/.exec(detail)?.[1])).toEqual([
      '1, the first is entry 1',
      '8, the first is entry 2',
    ]);
  });

  test('of which one has what never left the other, again after somebody has looked into it', async () => {
    for (const id of ['forged', 'another']) {
      crosses(`with ${id}`);
      arrives(id);
      await look();
      nowMs += HOUR_MS;
      await look();
      acknowledgeAll();
    }
    expect(kinds()).toEqual(['arrived-without-leaving', 'arrived-without-leaving']);
  });

  test('between which messages are late again after somebody has looked into it', async () => {
    for (const id of ['slow', 'slower']) {
      leaves(id);
      nowMs += 13 * HOUR_MS;
      arrives(id);
      await look();
      await look();
      acknowledgeAll();
    }
    expect(kinds()).toEqual(['late', 'late']);
  });

  test('of which one sends much to a third that is not read here: nothing of it is kept, and it hides no loss', async () => {
    crosses('first');
    for (let i = 0; i < 300; i++) leaves(`nl${i}`, nowMs, { to: 'isp.nl' });
    leaves('lost');
    await look();
    expect(bell.store.crossings.countUnmet()).toBe(1);
    nowMs += 12 * HOUR_MS;
    await look();
    expect(kinds()).toEqual(['never-arrived']);
  });

  test('of which one was not compared with the other at first: what left before is not said to have never left', async () => {
    crosses('first');
    bell = { ...bell, isRead: (nation) => nation === 'DE' };
    leaves('before');
    await look();
    bell = { ...bell, isRead: () => true };
    arrives('before');
    await look();
    nowMs += 24 * HOUR_MS;
    leaves('lost');
    arrives('forged');
    await look();
    nowMs += 24 * HOUR_MS;
    await look();
    expect(kinds()).toEqual(['not-compared', 'never-arrived', 'arrived-without-leaving']);
  });

  test.each([
    ['well before it left', -2],
    ['after its time', 13],
  ])('of which one shows an entry of %s without its record: that excuses no loss', async (_, hours) => {
    crosses('first');
    const leftMs = nowMs;
    if (hours < 0) erases(fr, leftMs + hours * HOUR_MS);
    leaves('lost');
    nowMs += 13 * HOUR_MS;
    if (hours > 0) erases(fr, leftMs + hours * HOUR_MS);
    await look();
    expect(kinds()).toEqual(['never-arrived']);
  });

  test('of which one has erased what would tell: a person is told that it cannot be compared, once', async () => {
    leaves('old');
    erases(fr, nowMs + 1000);
    await look();
    nowMs += 24 * HOUR_MS;
    await look();
    await look();
    expect(kinds()).toEqual(['not-compared']);
    acknowledgeAll();
    leaves('lost');
    await look();
    nowMs += 24 * HOUR_MS;
    await look();
    expect(kinds()).toEqual(['not-compared', 'never-arrived']);
  });

  test('of which one says to be of next year: it is not waited for until then', async () => {
    crosses('first');
    leaves('lost', nowMs + 9000 * HOUR_MS);
    await look();
    nowMs += 13 * HOUR_MS;
    await look();
    expect(kinds()).toEqual(['never-arrived']);
  });

  test('forgets what was told when it can no longer arrive', async () => {
    crosses('first');
    leaves('lost');
    await look();
    nowMs += 24 * HOUR_MS;
    await look();
    expect(bell.store.crossings.countUnmet()).toBe(1);
    nowMs += 61 * 24 * HOUR_MS;
    await look();
    expect(bell.store.crossings.countUnmet()).toBe(0);
    expect(kinds()).toEqual(['never-arrived']);
  });
});

describe('a ledger that shows auditors', () => {
  test.each<[string, (entries: Entry[]) => Entry[]]>([
    [
      'another record than it has logged',
      ([one, ...rest]) => [
        { ...(one as Entry), record: crossing('z', 'DE', 'leave', nowMs).record },
        ...rest,
      ],
    ],
    ['another entry', ([, ...rest]) => [crossing('z', 'DE', 'leave', nowMs), ...rest]],
    ['entries in another order', (entries) => [...entries].reverse()],
  ])('%s is found, and nothing of it counts', async (_, change) => {
    leaves('a');
    leaves('b');
    await de.log.show(
      'a',
      de.entries.map(({ leaf }) => leaf),
    );
    de.entries = change(de.entries);
    await watchLog(bell, de.followed);
    await followCrossings(bell, de.followed);
    expect(kinds()).toEqual(['incomplete']);
    expect(bell.store.crossings.progress('entente.example/de/2026').size).toBe(0);
  });

  test('nothing, or nothing without the token, is not followed', async () => {
    leaves('a');
    await de.log.show(
      'a',
      de.entries.map(({ leaf }) => leaf),
    );
    await watchLog(bell, de.followed);
    await followCrossings(bell, { ...de.followed, token: 'wrong' });
    expect(bell.store.crossings.progress('entente.example/de/2026').size).toBe(0);
    expect(alarms).toEqual([]);
  });
});
