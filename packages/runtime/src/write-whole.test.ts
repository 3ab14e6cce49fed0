import { execFileSync } from 'node:child_process';
import {
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
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeWhole } from './write-whole.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-whole-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const at = (...names: string[]) => join(dir, ...names);
const modeOf = (path: string) => statSync(path).mode & 0o777;

it('puts a file in the place of the last one, its owner’s alone if nothing else is said', () => {
  writeFileSync(at('file'), 'before', { mode: 0o644 });
  writeWhole(at('file'), 'now');
  expect([readFileSync(at('file'), 'utf8'), modeOf(at('file'))]).toEqual(['now', 0o600]);
  writeWhole(at('file'), Buffer.from([1]), { mode: 0o644 });
  expect([...readFileSync(at('file'))]).toEqual([1]);
  expect(modeOf(at('file'))).toBe(0o644 & ~process.umask());
  expect(readdirSync(dir)).toEqual(['file']);
});

it('makes folders only where it is told to', () => {
  expect(() => writeWhole(at('a', 'b', 'file'), 'x')).toThrow('ENOENT');
  writeWhole(at('a', 'b', 'file'), 'x', { folderMode: 0o700 });
  expect([modeOf(at('a')), modeOf(at('a', 'b'))]).toEqual([0o700, 0o700]);
  expect(readdirSync(dir, { recursive: true })).toEqual(['a', 'a/b', 'a/b/file']);
});

it('leaves the file before, and no part of the new one, where a disk takes a part only', () => {
  const url = new URL('../dist/write-whole.js', import.meta.url).href;
  writeFileSync(at('file'), 'before');
  // No file beyond 4 blocks of 1024 bytes: as on a disk that is full, what fits of one write is written.
  const code = `import { writeWhole } from '${url}';
    process.on('SIGXFSZ', () => {});
    try {
      writeWhole('${at('file')}', 'x'.repeat(5000));
      console.log('written');
    } catch (error) {
      console.log(error.code);
    }`;
  const args = ['-c', 'ulimit -f 4; exec "$0" --input-type=module -e "$1"', process.execPath, code];
  expect(execFileSync('bash', args, { encoding: 'utf8' }).trim()).toBe('EFBIG');
  expect(readdirSync(dir)).toEqual(['file']);
  expect(readFileSync(at('file'), 'utf8')).toBe('before');
});

it('leaves nothing where its name is that of a folder', () => {
  mkdirSync(at('file'));
  expect(() => writeWhole(at('file'), 'x')).toThrow('EISDIR');
  expect(readdirSync(dir)).toEqual(['file']);
});

it('writes into no other file by what lies where it writes first', () => {
  writeFileSync(at('theirs'), 'theirs');
  for (const lay of [symlinkSync, linkSync]) {
    lay(at('theirs'), at('part'));
    writeWhole(at('file'), 'now', { aside: at('part') });
    expect(readFileSync(at('theirs'), 'utf8')).toBe('theirs');
  }
  expect(readdirSync(dir).sort()).toEqual(['file', 'theirs']);
});
