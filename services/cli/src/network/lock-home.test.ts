import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runProgram } from '../program.js';
import { lockHome } from './lock-home.js';
import { startProcess } from './processes.js';

const HOLDER = `
  import { lockHome } from ${JSON.stringify(new URL('../../dist/network/lock-home.js', import.meta.url).href)};
  process.on('disconnect', () => process.exit());
  globalThis.turn = lockHome(process.argv[1]);
  process.send('has it');
`;
let dir: string;
let holder: ChildProcess | undefined;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-lock-'));
});
afterAll(() => {
  holder?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

test('a second network in a folder is not started while the first runs, and is when that was killed', async () => {
  const home = join(dir, 'home');
  holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, home], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(holder, 'message');
  const before = readdirSync(home);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await runProgram(['up', '--home', home, '--once'])).toBe(2);
  const said = err.mock.calls.join();
  err.mockRestore();
  expect(said).toContain(`A network runs in ${home} already, by process ${holder.pid}`);
  // Nothing of it was made or touched.
  expect(readdirSync(home)).toEqual(before);
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  const turn = lockHome(home);
  expect(() => lockHome(home)).toThrow(`by process ${process.pid}`);
  turn.release();
});

test('a server is not started where another process has its port, and the port is named', async () => {
  const stranger = createServer();
  await once(stranger.listen(0, '127.0.0.1'), 'listening');
  const { port } = stranger.address() as { readonly port: number };
  const started: ChildProcess[] = [];
  const spec = {
    ...{ name: 'nats.de', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], env: {} },
    ...{ logFile: join(dir, 'logs', 'nats.de.log'), ready: { port } },
  };
  try {
    await expect(startProcess(spec, (child) => started.push(child))).rejects.toThrow(
      `nats.de needs port ${port} of this machine, which another process has`,
    );
    expect(started).toEqual([]);
  } finally {
    for (const child of started) child.kill('SIGKILL');
    stranger.close();
  }
});
