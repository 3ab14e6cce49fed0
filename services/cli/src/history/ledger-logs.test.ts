import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { lastCheckpoint, listLogs } from './ledger-logs.js';
import { chooseLog, chooseLogs, originOf } from './log-source.js';

const [FIRST, SECOND, THIRD] = ['log.example/de/2025', 'log.example/de/2026', 'log.example/de/2027'];
const vkeyOf = (origin: string) => `${origin}+00000000+AA==`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-logs-'));
  write('ledger.sqlite', '');
  write('log/checkpoint', 'of 2025');
  follow(THIRD, SECOND);
  follow(SECOND, FIRST);
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(dir, path, '..'), { recursive: true });
  writeFileSync(join(dir, path), text);
}

function follow(origin: string, predecessor: string): void {
  const folder = `origins/${origin.replaceAll('/', '_')}`;
  const about = { origin, predecessor, reason: 'time-over', vkey: vkeyOf(origin) };
  write(`${folder}/origin.json`, JSON.stringify(about));
  write(`${folder}/ledger.sqlite`, '');
}

function remove(): void {
  for (const name of ['ledger.sqlite', 'log']) rmSync(join(dir, name), { recursive: true });
  const remains = `ended/${FIRST.replaceAll('/', '_')}`;
  write(`${remains}/counts.json`, '{}');
  write(`${remains}/checkpoint`, 'the last of 2025');
}

const choice = (...origins: string[]) => ({
  ...{ log: dir, nation: 'DE', archive: dir },
  vkey: origins.map(vkeyOf).join(','),
});

test('the logs of a ledger come in the order in which they followed one another', () => {
  expect(listLogs(dir, 'whatever').map(({ origin }) => origin)).toEqual([FIRST, SECOND, THIRD]);
  expect(chooseLogs(choice(THIRD, FIRST, SECOND)).map(originOf)).toEqual([FIRST, SECOND, THIRD]);
});

test('a log whose key is not named is not left out in silence', () => {
  expect(() => chooseLogs(choice(FIRST, THIRD))).toThrow(UsageError);
  expect(() => chooseLogs(choice(FIRST, THIRD))).toThrow(/log\.example\/de\/2026/);
});

test('one log is named by its origin; where there are several, it has to be', () => {
  const all = choice(FIRST, SECOND, THIRD);
  expect(originOf(chooseLog({ ...all, origin: SECOND }))).toBe(SECOND);
  expect(() => chooseLog(all)).toThrow(/--origin/);
  expect(() => chooseLog({ ...all, origin: 'log.example/de/2028' })).toThrow(/2028/);
});

test('of a log that was deleted its last checkpoint is left; it is not read, and its place is known', () => {
  remove();
  const [first, ...later] = listLogs(dir, '');
  expect(first).toMatchObject({ origin: FIRST, remains: join(dir, 'ended', 'log.example_de_2025') });
  expect(first && lastCheckpoint(first)).toBe('the last of 2025');
  expect(later.map(({ remains }) => remains)).toEqual([null, null]);
  const sources = chooseLogs(choice(SECOND, THIRD));
  expect(sources.map(originOf)).toEqual([SECOND, THIRD]);
  expect(sources[0]?.logs).toHaveLength(3);
});

test('a ledger that has had one log only is that log', () => {
  rmSync(join(dir, 'origins'), { recursive: true });
  expect(chooseLogs(choice(FIRST)).map(originOf)).toEqual([FIRST]);
});
