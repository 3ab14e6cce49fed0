import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, ErrorCode, type NatsConnection, nkeyAuthenticator } from 'nats';
import type { Bus } from './bus.js';
import { createUserKey, type UserKey } from './create-user-key.js';
import type { StreamConfig } from './ensure-stream.js';
import { BusError } from './error.js';
import { inEmergencyStream, inStream } from './grants.js';
import { interconnectConfig } from './interconnect-config.js';
import type { BusEvent } from './link.js';
import { type NationUsers, nationServerConfig } from './nation-server-config.js';
import { openBus } from './open-bus.js';
import { onCleanUp, startServer, type TestServer } from './test-server.js';

// For this package's own tests: nations and interconnects as their configurations make them.

/** What comes within milliseconds takes seconds on a machine that is busy; what never comes, a test waits for this long. */
export const WITHIN_MS = 60_000;

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
  const make = async (name: string, subject: string, durable: string) => {
    await inTime(() => gate.ensureStream(stream(name, subject)));
    await inTime(() => gate.ensureConsumer(name, { durable }));
  };
  await make('OUT', 'edge.out.*', 'gate');
  await make('EMERGENCY', 'edge.emergency.*', 'gate');
  for (const token of members) {
    await make(inStream(token), `edge.in.${token}`, token);
    await make(inEmergencyStream(token), `edge.in-emergency.${token}`, token);
  }
  return gate;
}

/** Again, as a gate does, where a machine that is busy has not answered in time. */
async function inTime(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await work());
    } catch (error) {
      if (!(error instanceof BusError && error.code === 'timeout')) throw error;
    }
  }
}

/** A server waits for a key for two seconds, also where the machine stands still; then it says so, or is gone. */
const TOO_LATE: readonly string[] = [ErrorCode.AuthenticationTimeout, 'EPIPE', 'ECONNRESET'];

/** A plain NATS connection with a user's key, for what a bus would not do. */
export async function openRaw(nation: TestNation, user: string, inbox = user): Promise<NatsConnection> {
  for (;;) {
    try {
      const raw = await connect({
        servers: nation.server.url,
        authenticator: nkeyAuthenticator(bytes(nation.keys[user]?.seed ?? '')),
        inboxPrefix: `_INBOX_${inbox}`,
        timeout: WITHIN_MS,
        reconnect: false,
      });
      onCleanUp(() => raw.close());
      return raw;
    } catch (error) {
      if (!TOO_LATE.includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

type Answer = Record<string, unknown> & { readonly state: Readonly<Record<string, number>> };

/** What JetStream answers `gate` or `gateCross`, also to what no bus of ours would say. */
export async function askJetStream(
  nation: TestNation,
  api: string,
  body?: unknown,
  user = 'gate',
): Promise<Answer> {
  const raw = await openRaw(nation, user, 'gate');
  const words = body === undefined ? '' : JSON.stringify(body);
  const answer = await raw.request(`$JS.API.${api}`, words, { timeout: WITHIN_MS });
  await raw.close();
  return answer.json();
}

/** How many messages a stream holds. */
export const messagesIn = async (nation: TestNation, name: string): Promise<number> =>
  (await askJetStream(nation, `STREAM.INFO.${name}`)).state.messages ?? 0;

/** What this bus has subscribed to has reached the server as soon as that refuses what comes after it. */
export const reached = (bus: Bus): Promise<unknown> =>
  bus.request('nobody.may.ask', bytes(''), { timeoutMs: WITHIN_MS }).catch((error: unknown) => error);

/** Waits until the condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs = WITHIN_MS,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await delay(20);
  }
}
