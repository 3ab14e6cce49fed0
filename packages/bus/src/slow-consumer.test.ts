import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp, onCleanUp } from './fixture/test-server.js';
import {
  bytes,
  makeStreams,
  messagesIn,
  startNation,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

// The attacker is a member with its own credential that asks for messages and does not read them; or its machine stands still.

// Node cannot run TypeScript: the child is what the build has made of the same sources.
const CHILD = fileURLToPath(new URL('../dist/fixture/read-forever.js', import.meta.url));
const members = ['slow', 'other', 'shared'];
const timeoutMs = WITHIN_MS;

let nation: TestNation;
let gate: Bus;
beforeAll(async () => {
  nation = await startNation('DE', members);
  gate = await makeStreams(nation, members);
});
afterAll(cleanUp);

function startReader(token: string): { readonly child: ChildProcess; readonly read: string[] } {
  const args = [CHILD, nation.server.url, token, nation.keys[token]?.seed ?? ''];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const read: string[] = [];
  let rest = '';
  child.stdout?.on('data', (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    read.push(...lines);
  });
  onCleanUp(async () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  return { child, read };
}

it('a member that does not read is cut off, keeps no other waiting, and has everything once it reads again', async () => {
  const slow = startReader('slow');
  await gate.publish('edge.in.slow', bytes('before '), { timeoutMs });
  await until(() => slow.read.includes('before'));
  const got: string[] = [];
  (await nation.open('other')).consume({ stream: 'IN_other', durable: 'other' }, async ({ data }) => {
    got.push(textOf(data));
    return 'done';
  });

  slow.child.kill('SIGSTOP');
  // More than the sockets of both ends hold, of which 64 are on their way at once.
  const large = (n: number) => Buffer.concat([bytes(`${n} `), Buffer.alloc(480 * 1024)]);
  const delays: number[] = [];
  for (let n = 0; n < 100; n += 1) {
    await gate.publish('edge.in.slow', large(n), { timeoutMs });
    const beganMs = Date.now();
    await gate.publish('edge.in.other', bytes(`${n}`), { timeoutMs });
    await until(() => got.includes(`${n}`));
    delays.push(Date.now() - beganMs);
  }
  await until(() => /slow consumer/i.test(nation.server.log));
  await gate.publish('edge.in.other', bytes('after'), { timeoutMs });
  await until(() => got.includes('after'));
  expect(new Set(got).size).toBe(101);
  // The server cuts off after 5 s; nobody else waits for that.
  expect(delays.sort((a, b) => a - b)[50]).toBeLessThan(5000);
  expect(gate.connected).toBe(true);

  slow.child.kill('SIGCONT');
  const all = Array.from({ length: 100 }, (_, n) => `${n}`);
  await until(() => all.every((word) => slow.read.includes(word)));
  await until(async () => (await messagesIn(nation, 'IN_slow')) === 0);
});

it('of two that read one queue, the one that stands still takes nothing from the other for long', async () => {
  const stopped = startReader('shared');
  await gate.publish('edge.in.shared', bytes('before '), { timeoutMs });
  await until(() => stopped.read.includes('before'));
  stopped.child.kill('SIGSTOP');
  const got = new Map<string, number>();
  (await nation.open('shared')).consume(
    { stream: 'IN_shared', durable: 'shared' },
    async ({ data, redeliveries }) => {
      if (!got.has(textOf(data))) got.set(textOf(data), redeliveries);
      return 'done';
    },
  );
  for (let n = 0; n < 50; n += 1) await gate.publish('edge.in.shared', bytes(`${n} `), { timeoutMs });
  const all = Array.from({ length: 50 }, (_, n) => `${n} `);
  await until(() => all.every((word) => got.has(word)));
  // What it was given comes back 5 s later, each time: in 15 s at the latest, as after the loss of a whole process.
  expect(Math.max(...got.values())).toBeLessThanOrEqual(2);
  stopped.child.kill('SIGCONT');
  await until(async () => (await messagesIn(nation, 'IN_shared')) === 0);
});
