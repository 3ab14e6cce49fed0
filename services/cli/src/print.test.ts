import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureSaid } from './fixture/capture-said.js';
import { ORIGIN, TestLog, vkeyOf } from './history/fixture/test-log.js';
import { complain, jsonText, print } from './print.js';
import { runProgram } from './program.js';

const said = captureSaid();

/** Hides what follows; goes up a line; a control sequence in one byte; turns the direction; ends the line; is invisible. */
const HOSTILE = 'a\x1b[8m\x1b[1A\r\u{9b}2J\x7f\u{202e}\u{2066}\u{2028}\u{2029}\u{200b}\u{e0001}\u{ad}\0b';
const STEERING = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

describe('what somebody else wrote', () => {
  test('does not steer a screen, and makes no second line', () => {
    print({}, null, () => [`${HOSTILE}\nPROVED`, 'NOT PROVED', 'one\nPROVED\r\ntwo']);
    expect(said.out).not.toMatch(STEERING);
    expect(said.out.split('\n')).toEqual([
      expect.stringContaining('PROVED'),
      'NOT PROVED',
      'one⏎PROVED⏎two',
      '',
    ]);
  });

  test('is shown as it is where it steers nothing', () => {
    print({}, null, () => ['Ünïcödé → 日本語 👍 … "quoted"']);
    expect(said.out).toBe('Ünïcödé → 日本語 👍 … "quoted"\n');
  });

  test('is the same value as JSON, and steers nothing there either', () => {
    const value = { [HOSTILE]: [HOSTILE, 'a\nb', '\\u001b'] };
    for (const text of [jsonText(value), jsonText(value, 2)]) {
      expect(text).not.toMatch(STEERING);
      expect(JSON.parse(text)).toEqual(value);
    }
    print({ json: true }, value, () => []);
    expect(said.out).toBe(`${jsonText(value)}\n`);
  });

  test('is seen to be a part of an error', () => {
    complain(`entente: it says ${HOSTILE}\n  nothing speaks against it`);
    expect(said.err).not.toMatch(STEERING);
    expect(said.err.split('\n')).toEqual([
      expect.stringContaining('it says'),
      '  |   nothing speaks against it',
      '',
    ]);
  });

  test('nothing else in this program writes to a terminal', () => {
    const src = join(import.meta.dirname, '.');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
    const writing = files.filter(
      (name) =>
        /(?<!\.test)\.ts$/.test(name) &&
        /process\.std|console\.|styleText/.test(readFileSync(join(src, name), 'utf8')),
    );
    expect(writing).toEqual(['print.ts']);
  });
});

describe('a log whose texts would steer a screen', () => {
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'entente-print-'));
    mkdirSync(join(dir, 'archive'));
    writeFileSync(join(dir, 'anchors.json'), '{}');
    const log = new TestLog(dir);
    await log.grow({ event: `evidence${HOSTILE}\n  nothing speaks against it` }, { erases: [0] });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each([
    ['audit', 'sample'],
    ['audit', 'sample', '--json'],
    ['audit', 'changes'],
    ['audit', 'report'],
    ['audit', 'report', '--csv'],
    ['audit', 'register'],
    ['audit', 'prove', '0'],
  ])('%s %s %s', async (...command) => {
    const args = [...command.filter(Boolean), '--log', dir, '--nation', 'DE', '--vkey', vkeyOf(ORIGIN)];
    expect(await runProgram(args)).toBeLessThan(2);
    expect(said.out).not.toBe('');
    expect(said.out + said.err).not.toMatch(STEERING);
    expect(said.out).not.toMatch(/^ {2}nothing speaks/m);
  });
});
