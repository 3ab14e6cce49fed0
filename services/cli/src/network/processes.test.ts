import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProcess } from './processes.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-processes-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** How often this process has the file open. */
function openedHere(file: string): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Of the look itself.
      return '';
    }
  });
  return links.filter((link) => link === file).length;
}

test('a process that is started and ended leaves its log in order, and no file open here', async () => {
  const logFile = join(dir, 'child.log');
  const code = "console.log('hello'); process.send('ready'); process.on('disconnect', () => undefined)";
  const args = ['-e', code];
  const spec = {
    name: 'child',
    command: process.execPath,
    args,
    env: {},
    logFile,
    ready: 'message',
  } as const;
  for (let time = 0; time < 2; time += 1) {
    const child = await startProcess(spec, () => undefined);
    expect(openedHere(logFile)).toBe(0);
    await child.stop();
  }
  expect(openedHere(logFile)).toBe(0);
  expect(readFileSync(logFile, 'utf8').match(/hello|the process ended/g)).toEqual([
    ...['hello', 'the process ended', 'hello', 'the process ended'],
  ]);
});
