import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkSuccession } from './check-succession.js';
import { type Made, ORIGIN as OLD, TestLog, vkeyOf } from './fixture/test-log.js';
import { createLogEnds } from './log-ends.js';
import { chooseLogs, type LogSource } from './log-source.js';
import { readLog } from './read-log.js';

const NEXT = 'log.example/de/2027';
const TOKEN = 'a-token';

let dir: string;
let old: TestLog;
let next: TestLog;
let server: Server;
let base: string;
/** Answers what a ledger would not. */
let odd: Map<string, { readonly status: number; readonly body?: string }>;
const asked: string[] = [];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-neighbour-'));
  writeFileSync(join(dir, 'token'), TOKEN, { mode: 0o600 });
  [old, next] = [new TestLog(join(dir, 'old')), new TestLog(join(dir, 'next'), NEXT)];
  odd = new Map();
  asked.length = 0;
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    asked.push(path);
    const { status, body = '' } = odd.get(path) ?? answer(path, request.headers.authorization);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

/** As a ledger shows its logs: each under its origin, the first at the root too, entries and records to auditors. */
function answer(path: string, authorization = ''): { readonly status: number; readonly body?: Buffer } {
  const log = path.startsWith(`${NEXT}/`) ? next : old;
  const file = path.replace(`${NEXT}/`, '').replace(`${OLD}/`, '');
  if (/^(tile\/entries|records|archive)\//.test(file) && authorization !== `Bearer ${TOKEN}`)
    return { status: 401 };
  try {
    return { status: 200, body: readFileSync(join(log.at, file)) };
  } catch {
    return { status: 404 };
  }
}

const closing = (origin = NEXT): Made => ({
  event: 'log-closed',
  succession: { origin, reason: 'time-over' },
});
const opening = (checkpoint = noteOf(old), origin = OLD, reason = 'time-over'): Made => ({
  event: 'log-opened',
  succession: { origin, reason, checkpoint },
});
const noteOf = ({ at }: TestLog) => readFileSync(join(at, 'checkpoint'), 'utf8');

/** What an audit of one of them finds, which was given nothing of the other. */
const alone = async (origin: string) => {
  const at = origin === OLD ? base : `${base}/${origin}`;
  const remote = { base: at, tokenFile: join(dir, 'token') };
  return await audited([{ nation: 'DE', dir: at, vkey: vkeyOf(origin), archive: [], anchors: null, remote }]);
};
/** What audits find that were given both. */
const both = async (origin?: string) => {
  const named = { nation: 'DE', vkey: `${vkeyOf(OLD)},${vkeyOf(NEXT)}`, log: base };
  const chosen = { ...named, tokenFile: join(dir, 'token') };
  return await audited(chooseLogs(origin === undefined ? chosen : { ...chosen, origin }));
};

async function audited(sources: readonly LogSource[]): Promise<string[]> {
  const found: string[] = [];
  for (const source of sources) {
    const ends = createLogEnds();
    const read = await readLog(source, ends.visit);
    const faults = [...read.faults, ...(await checkSuccession(source, ends.result(), read))];
    found.push(...faults.map(({ index, code }) => `${read.origin} ${index} ${code}`));
  }
  return found;
}
const BROKEN = 'succession-broken';
const broken = (origin: string, index: number) => [`${origin} ${index} ${BROKEN}`];

describe('two logs at one address', () => {
  test('of which each names the other are in order, whichever an audit was given', async () => {
    await old.grow({}, {}, closing());
    await next.grow(opening(), {});
    expect([await alone(OLD), await alone(NEXT), await both()]).toEqual([[], [], []]);
    expect(asked).toContain(`${NEXT}/checkpoint`);
    expect(asked).toContain(`${OLD}/records/000.p/3`);
  });

  test('of which the old one went on behind its last word are not', async () => {
    await old.grow({}, {}, closing());
    await next.grow(opening(), {});
    await old.grow({});
    expect(await alone(OLD)).toEqual(broken(OLD, 3));
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
    expect(await both()).toEqual([...broken(OLD, 3), ...broken(NEXT, 0)]);
  });

  test('of which the new one names another end of the old are not', async () => {
    await old.grow({}, {});
    const before = noteOf(old);
    await old.grow(closing());
    await next.grow(opening(before), {});
    expect(await alone(OLD)).toEqual(broken(OLD, 2));
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
  });

  test('of which the old one was closed for another, or not at all, are not', async () => {
    await old.grow({}, closing('log.example/de/2028'));
    await next.grow(opening());
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
    await old.grow({});
    next = new TestLog(join(dir, 'another'), NEXT);
    await next.grow(opening());
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
  });

  test.each<[string, () => Made]>([
    ['begins with something else', () => ({})],
    ['names another predecessor', () => opening(noteOf(old), 'log.example/de/2025')],
  ])('of which the new one %s are not', async (_what, first) => {
    await old.grow({}, closing());
    await next.grow(first(), {});
    expect(await alone(OLD)).toEqual(broken(OLD, 1));
    expect(await both()).toContain(broken(OLD, 1)[0]);
  });

  test('of which the old one was restored to less are in order', async () => {
    await old.grow({}, {});
    const less = noteOf(old);
    await old.grow({});
    await next.grow(opening(noteOf(old), OLD, 'restored'));
    odd.set(`${OLD}/checkpoint`, { status: 200, body: less });
    expect(await alone(NEXT)).toEqual([]);
    await old.grow({});
    odd.clear();
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
  });
});

describe('a neighbour', () => {
  beforeEach(async () => {
    await old.grow({}, {}, closing());
    await next.grow(opening(), {});
  });

  test.each([
    ['is there no more', 404, ''],
    ['is not for this auditor', 401, ''],
    ['is hidden by what stands before the log', 403, ''],
    ['is a page of some other server', 200, '<html>welcome</html>'],
  ])('that nobody has named and that %s is no fault', async (_what, status, body) => {
    for (const origin of [OLD, NEXT]) odd.set(`${origin}/checkpoint`, { status, body });
    expect(await alone(OLD)).toEqual([]);
    odd.delete(`${NEXT}/checkpoint`);
    expect(await alone(NEXT)).toEqual([]);
  });

  test('of which the checkpoint is all that stayed is held against it', async () => {
    for (const path of ['tile/entries/000.p/3', 'tile/entries/000', 'records/000.p/3', 'tile/0/000.p/3'])
      odd.set(`${OLD}/${path}`, { status: 404 });
    expect(await alone(NEXT)).toEqual([]);
    await old.grow({});
    expect(await alone(NEXT)).toEqual(broken(NEXT, 0));
  });

  test('that shows an end which its checkpoint does not prove has not said that', async () => {
    const other = new TestLog(join(dir, 'other'));
    await other.grow({}, {}, {});
    const body = readFileSync(join(other.at, 'tile/entries/000.p/3'), 'latin1');
    odd.set(`${OLD}/tile/entries/000.p/3`, { status: 200, body });
    expect(await alone(NEXT)).toEqual([]);
  });

  test('that was named is believed under its key only', async () => {
    const note = noteOf(old).replace(/— .*/, `— ${OLD} ${Buffer.alloc(68).toString('base64')}`);
    odd.set(`${OLD}/checkpoint`, { status: 200, body: note });
    expect(await alone(NEXT)).toEqual([]);
    expect(await both(NEXT)).toEqual(broken(NEXT, 0));
  });

  test('is looked for below its own address only, whatever the log calls it', async () => {
    for (const origin of [
      '../../secret',
      'a//b',
      './x',
      'log.example/../../y',
      'x?y',
      'http://evil.example/x',
    ]) {
      next = new TestLog(mkdtempSync(join(dir, 'next-')), NEXT);
      await next.grow(opening(noteOf(old), origin));
      asked.length = 0;
      expect(await alone(NEXT)).toEqual([]);
      expect(asked.filter((path) => !path.startsWith(`${NEXT}/`))).toEqual([]);
    }
  });
});
