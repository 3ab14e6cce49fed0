import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, it } from 'vitest';
import { takeTurnWithin } from './take-turn.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-turn-'));
const file = join(dir, 'new', 'edge.lock');
const program = `
  import { takeTurn } from ${JSON.stringify(new URL('../dist/take-turn.js', import.meta.url).href)};
  process.on('disconnect', () => process.exit());
  let turn;
  process.on('message', (word) => (word === 'release' ? turn.release() : process.send('is here')));
  turn = await takeTurn(process.argv[1], () => process.send('waits'));
  process.send('works');
`;
const started: ChildProcess[] = [];
// Their turn ends with them: the next test begins when they are gone.
afterEach(async () => {
  for (const child of started.splice(0)) {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exit;
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Worker {
  readonly child: ChildProcess;
  readonly said: string[];
}

async function start(): Promise<Worker> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, file], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  started.push(child);
  const said: string[] = [];
  child.on('message', (word) => said.push(String(word)));
  await once(child, 'message');
  return { child, said };
}

it('who waits for so long, and no longer, has no turn then', async () => {
  const here = join(dir, 'within.lock');
  const first = await takeTurnWithin(here, 0);
  expect(await takeTurnWithin(here, 60)).toBeUndefined();
  const next = takeTurnWithin(here, 10_000);
  first?.release();
  expect(await next).toBeDefined();
  (await next)?.release();
});

it('one process works; the next takes over when it is killed, and not while it is frozen', async () => {
  const first = await start();
  const second = await start();
  expect([first.said, second.said]).toEqual([['works'], ['waits']]);
  first.child.kill('SIGSTOP');
  // One that comes now finds the turn taken, and not by the second: that says last that it is here.
  const third = await start();
  second.child.send('who works?');
  await once(second.child, 'message');
  expect([second.said, third.said]).toEqual([['waits', 'is here'], ['waits']]);
  first.child.kill('SIGKILL');
  await Promise.race([second, third].map(({ child }) => once(child, 'message')));
  expect([...second.said, ...third.said].filter((word) => word === 'works')).toHaveLength(1);
});

it('who releases its turn lets the next one work, while it still runs', async () => {
  const first = await start();
  const second = await start();
  first.child.send('release');
  await once(second.child, 'message');
  expect(second.said).toEqual(['waits', 'works']);
  expect(first.child.exitCode).toBeNull();
});
