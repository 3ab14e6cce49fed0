import { mkdtempSync, rmSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { createUserKey } from './create-user-key.js';
import { cleanUp, onCleanUp, TestServer } from './fixture/test-server.js';
import {
  bytes,
  newPassword,
  startInterconnect,
  startNation,
  stream,
  type TestInterconnect,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';
import { freePorts } from './free-ports.js';
import { nationServerConfig } from './nation-server-config.js';
import { openBus } from './open-bus.js';

/** For one try. */
const timeoutMs = 2000;
const keys = { gate: createUserKey(), gateCross: createUserKey(), ledger: createUserKey() };
let interconnect: TestInterconnect;
let servers: TestServer[];
let statusPorts: number[];
let routePorts: number[];
/** One that is not killed. */
let alive = 0;
const password = newPassword();

beforeAll(async () => {
  interconnect = await startInterconnect('DE', 'FR');
  const ports = await freePorts(9);
  routePorts = ports.slice(3, 6);
  statusPorts = ports.slice(6);
  servers = ports.slice(0, 3).map((port, i) => {
    const folder = mkdtempSync(join(tmpdir(), 'entente-bus-'));
    return new TestServer(`de-${i + 1}`, folder, port);
  });
  for (const [i, server] of servers.entries()) {
    const routes = routePorts.filter((_, other) => other !== i).map((port) => ({ port }));
    await server.configure(
      nationServerConfig({
        nation: 'DE',
        serverName: server.name,
        listen: { port: server.port },
        statusPort: statusPorts[i] ?? 0,
        storeDir: join(server.folder, 'store'),
        users: {
          gate: keys.gate.publicKey,
          gateCross: keys.gateCross.publicKey,
          ledger: keys.ledger.publicKey,
          members: [],
        },
        interconnect: {
          addresses: [{ port: interconnect.leafPort }],
          password: interconnect.passwords.DE ?? '',
        },
        cluster: { listen: { port: routePorts[i] ?? 0 }, routes, password },
      }),
    );
    onCleanUp(async () => {
      await server.kill();
      rmSync(server.folder, { recursive: true, force: true });
    });
  }
  await Promise.all(servers.map((server) => server.start()));
});
afterAll(cleanUp);

async function open(user: 'gate' | 'gateCross', only?: number): Promise<Bus> {
  const urls = servers.map(({ url }) => url);
  const bus = await openBus({
    servers: only === undefined ? urls.join(',') : (urls[only] ?? ''),
    name: user,
    seed: keys[user].seed,
    inboxPrefix: '_INBOX_gate',
  });
  onCleanUp(() => bus.close({ graceMs: 500 }));
  return bus;
}

/** Until it does not throw any more. */
async function insist(work: (attempt: number) => Promise<void>): Promise<void> {
  let attempt = 0;
  const again = async () =>
    await work(attempt++).then(
      () => true,
      () => false,
    );
  await until(again, 2 * WITHIN_MS);
}

/** The server that leads a stream of the account that faces the interconnect. */
async function leaderOfCross(): Promise<number> {
  let leader = Number.NaN;
  await until(async () => {
    const response = await fetch(`http://127.0.0.1:${statusPorts[0]}/jsz?accounts=1&streams=1`);
    const text = await response.text();
    leader = Number(/"leader": ?"de-(\d)"/.exec(text.slice(text.indexOf('"name": "CROSS"')))?.[1]) - 1;
    return [0, 1, 2].includes(leader);
  });
  return leader;
}

it('keeps three copies, lets each message in and out once whichever servers are used, and goes on without the one that led', async () => {
  const config = { ...stream('CROSS', 'cross.DE.FR.>'), replicas: 3 };
  const [one, other] = [await open('gateCross', 0), await open('gateCross', 1)];
  const make = async (bus: Bus) => {
    await bus.ensureStream(config);
    await bus.ensureConsumer('CROSS', { durable: 'gate' });
  };
  // Two gates at once, before the cluster has its leader.
  await Promise.all([insist(() => make(one)), insist(() => make(other))]);
  const fr = await startNation('FR', [], interconnect);
  const french = await fr.open('gateCross');
  await french.ensureStream(stream('CROSS', 'cross.FR.DE.>'));
  await french.ensureConsumer('CROSS', { durable: 'gate' });

  const got: Record<string, string[]> = { DE: [], FR: [] };
  const keep = (bus: Bus, nation: string) =>
    bus.consume({ stream: 'CROSS', durable: 'gate' }, async ({ data, redeliveries }) => {
      // Where an acknowledgement takes longer than 5 s it comes again.
      if (redeliveries === 0 || !got[nation]?.includes(textOf(data))) got[nation]?.push(textOf(data));
      return 'done';
    });
  keep(french, 'FR');
  keep(one, 'DE');
  keep(other, 'DE');
  const out = (bus: Bus, text: string) =>
    bus.publishAcross('cross.FR.DE.hotline', bytes(text), { replyPrefix: '_R.DE.FR', timeoutMs });
  const into = (text: string) =>
    french.publishAcross('cross.DE.FR.hotline', bytes(text), { replyPrefix: '_R.FR.DE', timeoutMs });
  await insist(() => out(one, 'first'));
  await insist(() => into('first'));
  // What is unknown after a time out would arrive twice if it were sent again: it is sent under another name.
  const stored: Record<string, string[]> = { DE: [], FR: [] };
  const store = (to: string, send: (text: string) => Promise<void>, i: number) =>
    insist(async (attempt) => {
      await send(`${i}, try ${attempt}`);
      stored[to]?.push(`${i}, try ${attempt}`);
    });
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  await Promise.all(numbers.map((i) => store('FR', (text) => out(i % 2 ? one : other, text), i)));
  await Promise.all(numbers.map((i) => store('DE', into, i)));
  const arrived = (nation: string) => got[nation]?.filter((text) => stored[nation]?.includes(text)).sort();
  const isThere = (nation: string) => stored[nation]?.every((text) => got[nation]?.includes(text)) === true;
  await until(() => isThere('DE') && isThere('FR'));
  expect([arrived('DE'), arrived('FR')]).toEqual([stored.DE?.sort(), stored.FR?.sort()]);

  const leader = await leaderOfCross();
  await servers[leader]?.kill();
  alive = leader === 0 ? 1 : 0;
  const survivor = await open('gateCross');
  keep(survivor, 'DE');
  const lostMs = Date.now();
  await insist(() => out(survivor, 'after'));
  await insist(() => into('after'));
  await until(() => got.DE?.includes('after') === true && got.FR?.includes('after') === true);
  process.stdout.write(`without its leader: both ways again after ${Date.now() - lostMs} ms\n`);
}, 900_000);

/** What a server says to somebody who would be one of its routes, and shows the password in time. */
async function knock(pass: string): Promise<string> {
  for (;;) {
    const said = await knockOnce(pass);
    if (!said.includes('Authentication Timeout')) return said;
  }
}

async function knockOnce(pass: string): Promise<string> {
  const socket = dial(routePorts[alive] ?? 0, '127.0.0.1');
  let said = '';
  socket
    .on('error', () => undefined)
    .on('data', (data) => {
      said += data;
    });
  const name = 'de-9';
  socket.write(
    `CONNECT ${JSON.stringify({ user: 'DE', pass, name, cluster: 'DE', server: name, protocol: 1 })}\r\nPING\r\n`,
  );
  await until(() => /PONG|-ERR/.test(said));
  socket.destroy();
  return said;
}

it('takes nobody as a route without the password', async () => {
  expect(await knock(newPassword())).toContain('Authorization Violation');
  expect(await knock(password)).not.toContain('Authorization Violation');
});
