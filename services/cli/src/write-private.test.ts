import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ORIGIN, TestLog, vkeyOf } from './history/fixture/test-log.js';
import { runProgram } from './program.js';
import { UsageError } from './usage.js';
import { writePrivate } from './write-private.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-private-'));
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;
const at = (name: string) => join(dir, name);

describe('what is its owner’s alone', () => {
  test('is so where it is new, and where everybody could read what was there', () => {
    for (const before of [undefined, 0o644, 0o666, 0o400]) {
      if (before !== undefined) {
        writeFileSync(at('file'), 'before');
        chmodSync(at('file'), before);
      }
      writePrivate(at('file'), 'now');
      expect([modeOf(at('file')), readFileSync(at('file'), 'utf8')]).toEqual([0o600, 'now']);
    }
    expect(readdirSync(dir)).toEqual(['file']);
  });

  test('does not come into another file by what lies where it is written first', () => {
    writeFileSync(at('theirs'), 'theirs');
    for (const lay of [symlinkSync, linkSync]) {
      lay(at('theirs'), at('file.new'));
      writePrivate(at('file'), 'now');
      expect(modeOf(at('file'))).toBe(0o600);
      expect(readFileSync(at('theirs'), 'utf8')).toBe('theirs');
    }
  });

  test('does not take the place of what is no file', () => {
    symlinkSync('/dev/null', at('link'));
    mkdirSync(at('folder'));
    for (const name of ['link', 'folder']) {
      expect(() => writePrivate(at(name), 'now')).toThrow(UsageError);
      expect(existsSync(at(`${name}.new`))).toBe(false);
    }
  });
});

describe('records', () => {
  let args: string[];
  beforeEach(async () => {
    mkdirSync(at('log/archive'), { recursive: true });
    await new TestLog(at('log')).grow({}, {}, {});
    args = ['--log', at('log'), '--nation', 'DE', '--vkey', vkeyOf(ORIGIN)];
  });

  test('that are copied are their reader’s alone, as files and as folders', async () => {
    expect(await runProgram(['log', 'copy', at('copy'), ...args])).toBe(0);
    const all = readdirSync(at('copy'), { recursive: true, withFileTypes: true });
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['records', 'checkpoint', 'entries']));
    const modes = all.map((one) => modeOf(join(one.parentPath, one.name)).toString(8));
    expect(modes).toEqual(all.map((one) => (one.isDirectory() ? '700' : '600')));
    expect(modeOf(at('copy'))).toBe(0o700);
  });

  test('that a proof goes with, and what a report that is not for the public counts', async () => {
    writeFileSync(at('proof'), '', { mode: 0o644 });
    expect(await runProgram(['audit', 'prove', '0', ...args, '--out', at('proof')])).toBe(0);
    expect(readFileSync(at('proof'), 'utf8')).toContain('c2sp.org/tlog-proof');
    expect(await runProgram(['audit', 'report', ...args, '--html', at('own.html')])).toBe(0);
    const month = ['--from', '2026-01-01', '--to', '2026-02-01'];
    const report = ['audit', 'report', '--public', ...month, ...args, '--html', at('public.html')];
    expect(await runProgram(report)).toBe(0);
    expect(['proof', 'own.html', 'public.html'].map((name) => modeOf(at(name)) & 0o077)).toEqual([
      0,
      0,
      0o666 & ~process.umask() & 0o077,
    ]);
  });
});
