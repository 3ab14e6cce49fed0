import { mkdtempSync, rmSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { createUserKey } from './create-user-key.js';
import { nationServerConfig } from './nation-server-config.js';
import { openBus } from './open-bus.js';
import { cleanUp, freePorts, onCleanUp, TestServer } from './test-server.js';
import {
  bytes,
  newPassword,
  startInterconnect,
  startNation,
  stream,
  type TestInterconnect,
  textOf,
  until,
} from './with-nats-server.js';

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
}, 60_000);
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
async function insist(work: () => Promise<void>, withinMs: number): Promise<void> {
  const again = async () =>
    await work().then(
      () => true,
      () => false,
    );
  await until(again, withinMs);
}

/** The server that leads a stream of the account that faces the interconnect. */
async function leaderOfCross(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${statusPorts[0]}/jsz?accounts=1&streams=1`);
  const text = await response.text();
  return Number(/"leader": ?"de-(\d)"/.exec(text.slice(text.indexOf('"name": "CROSS"')))?.[1]) - 1;
}

it('keeps three copies, lets each message in and out once whichever servers are used, and goes on without the one that led', async () => {
  const config = { ...stream('CROSS', 'cross.DE.FR.>'), replicas: 3 };
  const [one, other] = [await open('gateCross', 0), await open('gateCross', 1)];
  const make = async (bus: Bus) => {
    await bus.ensureStream(config);
    await bus.ensureConsumer('CROSS', { durable: 'gate' });
  };
  // Two gates at once, before the cluster has its leader.
  await Promise.all([insist(() => make(one), 45_000), insist(() => make(other), 45_000)]);
  const fr = await startNation('FR', [], interconnect);
  const french = await fr.open('gateCross');
  await french.ensureStream(stream('CROSS', 'cross.FR.DE.>'));
  await french.ensureConsumer('CROSS', { durable: 'gate' });

  const got: Record<string, string[]> = { DE: [], FR: [] };
  const keep = (bus: Bus, nation: string) =>
    bus.consume({ stream: 'CROSS', durable: 'gate' }, async ({ data }) => {
      got[nation]?.push(textOf(data));
      return 'done';
    });
  keep(french, 'FR');
  keep(one, 'DE');
  keep(other, 'DE');
  const out = (bus: Bus, text: string) =>
    bus.publishAcross('cross.FR.DE.hotline', bytes(text), { replyPrefix: '_R.DE.FR', timeoutMs });
  const into = (text: string) =>
    french.publishAcross('cross.DE.FR.hotline', bytes(text), { replyPrefix: '_R.FR.DE', timeoutMs });
  // What a time out leaves unknown would be sent again: each of these has to be stored at the first try.
  await insist(() => out(one, 'first'), 20_000);
  await insist(() => into('first'), 20_000);
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
  await Promise.all(texts.map((text, i) => out(i % 2 ? one : other, text)));
  await Promise.all(texts.map(into));
  const arrived = (nation: string) => got[nation]?.filter((text) => text !== 'first').sort() ?? [];
  await until(() => arrived('DE').length >= 20 && arrived('FR').length >= 20);
  expect([arrived('DE'), arrived('FR')]).toEqual([texts.toSorted(), texts.toSorted()]);

  const leader = await leaderOfCross();
  expect([0, 1, 2]).toContain(leader);
  await servers[leader]?.kill();
  alive = leader === 0 ? 1 : 0;
  const survivor = await open('gateCross');
  keep(survivor, 'DE');
  const lostMs = Date.now();
  await insist(() => out(survivor, 'after'), 60_000);
  await insist(() => into('after'), 60_000);
  await until(() => got.DE?.includes('after') === true && got.FR?.includes('after') === true, 60_000);
  process.stdout.write(`without its leader: both ways again after ${Date.now() - lostMs} ms\n`);
}, 240_000);

/** What a server says to somebody who would be one of its routes. */
async function knock(pass: string): Promise<string> {
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
}, 60_000);
