import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkSuccession } from './check-succession.js';
import { listLogs } from './ledger-logs.js';
import type { LogEnds } from './log-ends.js';
import type { LogSource } from './log-source.js';

const [OLD, NEXT] = ['log.example/de/2026', 'log.example/de/2027'];
const ROOTS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-succession-'));
  mkdirSync(join(dir, 'log'));
  writeFileSync(join(dir, 'log', 'checkpoint'), noteOf(10));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Its signature is looked at when the log itself is read. */
function noteOf(size: number, root: Uint8Array = ROOTS[0], origin = OLD): string {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return `${origin}\n${size}\n${base64(root)}\n\n— ${origin} ${base64(Buffer.alloc(68))}\n`;
}

function logs(reason: string) {
  const folder = join(dir, 'origins', NEXT.replaceAll('/', '_'));
  mkdirSync(folder, { recursive: true });
  const about = { origin: NEXT, predecessor: OLD, reason, checkpoint: '', vkey: `${NEXT}+00000000+AA==` };
  writeFileSync(join(folder, 'origin.json'), JSON.stringify(about));
  return listLogs(dir, OLD);
}

const source = (origin: string, reason: string): LogSource => ({
  ...{ nation: 'DE', dir, vkey: `${origin}+00000000+AA==`, archive: [], anchors: null, logs: logs(reason) },
});
const recordOf = (event: string, succession: object | null) =>
  wire.record.decode(wire.record.encode({ nation: 'DE', event, succession }));
async function codes(origin: string, ends: Partial<LogEnds>, reason = 'time-over') {
  const all = { first: null, last: null, closed: null, size: 10, ...ends };
  const faults = await checkSuccession(source(origin, reason), all, { size: 10, root: '' });
  return faults.map(({ index, code }) => [index, code]);
}
const opened = (checkpoint: string, reason = 'time-over', origin = OLD) => ({
  first: recordOf('log-opened', { origin, reason, checkpoint }),
});
const closed = (origin = NEXT) => ({ last: recordOf('log-closed', { origin, reason: 'time-over' }) });

test('two logs of which each names the other are in order', async () => {
  expect(await codes(NEXT, opened(noteOf(10)))).toEqual([]);
  expect(await codes(OLD, closed())).toEqual([]);
});

test.each<[string, Partial<LogEnds>]>([
  ['its first entry is a message', { first: recordOf('crossing', null) }],
  ['its first entry is gone', { first: null }],
  ['it names another log', opened(noteOf(10), 'time-over', 'log.example/de/2025')],
  ['it names fewer entries', opened(noteOf(9))],
  ['it names more entries', opened(noteOf(11))],
  ['it names another history of the same size', opened(noteOf(10, ROOTS[1]))],
  ['it names nothing that can be read', opened('')],
])('a log that follows another is not believed where %s', async (_what, ends) => {
  expect(await codes(NEXT, ends)).toEqual([[0, 'succession-broken']]);
});

test.each<[string, Partial<LogEnds>]>([
  ['goes on after the year that it ended', { last: recordOf('crossing', null) }],
  ['names another successor', closed('log.example/de/2028')],
])('a log is not believed that %s', async (_what, ends) => {
  expect(await codes(OLD, ends)).toEqual([[9, 'succession-broken']]);
});

test('a log that was restored to less has no last word, and its successor names what others have seen', async () => {
  expect(await codes(OLD, { last: recordOf('crossing', null) }, 'restored')).toEqual([]);
  expect(await codes(NEXT, opened(noteOf(15, ROOTS[1]), 'restored'), 'restored')).toEqual([]);
  expect(await codes(NEXT, opened(noteOf(9), 'restored'), 'restored')).toEqual([[0, 'succession-broken']]);
});
