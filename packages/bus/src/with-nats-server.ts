import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';
import type { Bus } from './bus.js';
import { createUserKey, type UserKey } from './create-user-key.js';
import type { StreamConfig } from './ensure-stream.js';
import { inStream } from './grants.js';
import { interconnectConfig } from './interconnect-config.js';
import type { BusEvent } from './link.js';
import { type NationUsers, nationServerConfig } from './nation-server-config.js';
import { openBus } from './open-bus.js';

// For this package's own tests: real servers on ports that the system says are free, in folders that go away.

const BINARY = process.env.NATS_SERVER ?? 'nats-server';
// Debian's package puts it where only root looks.
const PATH = `${process.env.PATH}:/usr/sbin`;
const cleanups: (() => Promise<unknown>)[] = [];
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** For `afterEach` or `afterAll`: ends what was started since, last first. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export const onCleanUp = (cleanup: () => Promise<unknown>): number => cleanups.push(cleanup);

export class TestServer {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  log = '';
  #child: ChildProcess | undefined;

  constructor(name: string, folder: string, port: number) {
    this.name = name;
    this.folder = folder;
    this.port = port;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async configure(config: string): Promise<void> {
    await writeFile(join(this.folder, 'nats.conf'), config, { mode: 0o600 });
  }

  async start(): Promise<this> {
    const child = spawn(BINARY, ['-c', join(this.folder, 'nats.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH },
    });
    alive.add(child);
    child.on('exit', () => alive.delete(child));
    child.stderr.on('data', (text) => {
      this.log += text;
    });
    this.#child = child;
    while (!(await saysItsName(this.port, this.name))) {
      if (child.exitCode !== null) throw new Error(`nats-server did not start: ${this.log}`);
      await delay(20);
    }
    return this;
  }

  /** SIGKILL: the server has no chance to write anything. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }
}

/** A server whose configuration is made from a folder and free ports; started unless another process took a port. */
export async function startServer(
  make: (name: string, folder: string, ports: readonly number[]) => string,
): Promise<TestServer & { readonly ports: readonly number[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts(3);
    const folder = await mkdtemp(join(tmpdir(), 'entente-bus-'));
    const name = `test-${randomBytes(8).toString('hex')}`;
    const server = Object.assign(new TestServer(name, folder, ports[0] ?? 0), { ports });
    onCleanUp(async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    });
    await server.configure(make(name, folder, ports));
    try {
      return await server.start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

export interface TestInterconnect {
  readonly server: TestServer;
  readonly leafPort: number;
  readonly passwords: Readonly<Record<string, string>>;
}

export async function startInterconnect(...nations: string[]): Promise<TestInterconnect> {
  const passwords = Object.fromEntries(nations.map((nation) => [nation, newPassword()]));
  const server = await startServer((serverName, _folder, [clientPort = 0, port = 0]) =>
    interconnectConfig({
      serverName,
      clientPort,
      leaves: { port },
      nations: nations.map((nation) => ({ nation, password: passwords[nation] ?? '' })),
    }),
  );
  return { server, leafPort: server.ports[1] ?? 0, passwords };
}

export const newPassword = (): string => randomBytes(32).toString('base64url');

export interface TestNation {
  readonly nation: string;
  readonly server: TestServer;
  readonly keys: Readonly<Record<string, UserKey>>;
  /** Opens a bus as `gate`, `gateCross`, `ledger` or a member's token. */
  open(user: string, onStatus?: (event: BusEvent) => void): Promise<Bus>;
}

export async function startNation(
  nation: string,
  members: readonly string[],
  interconnect?: Pick<TestInterconnect, 'leafPort' | 'passwords'>,
): Promise<TestNation> {
  const names = ['gate', 'gateCross', 'ledger', ...members];
  const keys = Object.fromEntries(names.map((name) => [name, createUserKey()]));
  const publicKey = (name: string) => keys[name]?.publicKey ?? '';
  const users: NationUsers = {
    gate: publicKey('gate'),
    gateCross: publicKey('gateCross'),
    ledger: publicKey('ledger'),
    members: members.map((token) => ({ token, publicKey: publicKey(token) })),
  };
  const leaf = interconnect && {
    addresses: [{ port: interconnect.leafPort }],
    password: interconnect.passwords[nation] ?? '',
  };
  const server = await startServer((serverName, folder, [port = 0]) =>
    nationServerConfig({
      nation,
      serverName,
      listen: { port },
      storeDir: join(folder, 'store'),
      users,
      ...(leaf ? { interconnect: leaf } : {}),
    }),
  );
  const open = (user: string, onStatus?: (event: BusEvent) => void) =>
    openTestBus(server.url, keys[user]?.seed ?? '', user === 'gateCross' ? 'gate' : user, onStatus);
  return { nation, server, keys, open };
}

async function openTestBus(url: string, seed: string, token: string, onStatus?: (event: BusEvent) => void) {
  const bus = await openBus({
    servers: url,
    name: token,
    seed,
    inboxPrefix: `_INBOX_${token}`,
    ...(onStatus ? { onStatus } : {}),
  });
  onCleanUp(() => bus.close({ graceMs: 1000 }));
  return bus;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A stream for tests. */
export const stream = (name: string, ...subjects: string[]): StreamConfig => ({
  name,
  subjects,
  maxAgeMs: 3_600_000,
  maxBytes: 64 * 1024 * 1024,
  maxMessageBytes: 512 * 1024,
});

/** Makes the streams and consumers of a nation, as its gate does. */
export async function makeStreams({ open }: TestNation, members: readonly string[]): Promise<Bus> {
  const gate = await open('gate');
  await gate.ensureStream(stream('OUT', 'edge.out.*'));
  await gate.ensureConsumer('OUT', { durable: 'gate' });
  for (const token of members) {
    await gate.ensureStream(stream(inStream(token), `edge.in.${token}`));
    await gate.ensureConsumer(inStream(token), { durable: token });
  }
  return gate;
}

/** A plain NATS connection with a user's key, for what a bus would not do. */
export async function openRaw(
  nation: TestNation,
  user: string,
  inbox = user,
  timeout = 5000,
): Promise<NatsConnection> {
  const raw = await connect({
    servers: nation.server.url,
    authenticator: nkeyAuthenticator(bytes(nation.keys[user]?.seed ?? '')),
    inboxPrefix: `_INBOX_${inbox}`,
    timeout,
    reconnect: false,
  });
  onCleanUp(() => raw.close());
  return raw;
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await delay(20);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createServer().listen(0, '127.0.0.1');
      await once(listener, 'listening');
      return listener;
    }),
  );
  const ports = listeners.map((listener) => (listener.address() as { port: number }).port);
  await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
  return ports;
}

// Another test's server may listen where ours should: it says another name.
function saysItsName(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (info) => {
      socket.destroy();
      resolve(info.includes(`"server_name":"${name}"`));
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}
