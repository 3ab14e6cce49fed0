import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { createUserKey, userPublicKey } from './create-user-key.js';
import { cleanUp, onCleanUp } from './fixture/test-server.js';
import { bytes, makeStreams, startNation, until, WITHIN_MS } from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';
import { openBus } from './open-bus.js';

afterEach(cleanUp);

const members = ['hotline_de'];

it('waits for the server, and says why', async () => {
  const nation = await startNation('DE', members);
  await nation.server.kill();
  const events: BusEvent[] = [];
  const opening = nation.open('gate', (event) => events.push(event));
  await until(() => events.filter(({ type }) => type === 'waiting').length > 1);
  await nation.server.start();
  expect((await opening).connected).toBe(true);
});

it('waits for a server that does not know it yet', async () => {
  const nation = await startNation('DE', members);
  const events: BusEvent[] = [];
  const stop = new AbortController();
  const stranger = {
    servers: nation.server.url,
    name: 'x',
    seed: createUserKey().seed,
    inboxPrefix: '_INBOX_x',
  };
  const opening = openBus({ ...stranger, signal: stop.signal, onStatus: (event) => events.push(event) });
  const refused = expect(opening).rejects.toMatchObject({ code: 'closed' });
  await until(() => events.length > 3);
  expect(events.every(({ type }) => type === 'waiting')).toBe(true);
  stop.abort();
  await refused;
});

it.each([
  ['one and the same thing', ['INFO none\r\n'], 4],
  ['one of two things', ['INFO none\r\n', 'INFO other\r\n'], 6],
])('says more and more seldom that it waits for %s', async (_, answers, lines) => {
  let [tries, now] = [0, answers];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end(now[tries % now.length] ?? '');
    tries += 1;
  });
  onCleanUp(async () => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = new AbortController();
  const said: string[] = [];
  const opening = openBus({
    ...{ servers: `127.0.0.1:${(server.address() as AddressInfo).port}`, name: 'x', inboxPrefix: '_INBOX_x' },
    ...{ seed: createUserKey().seed, signal: stop.signal },
    onStatus: (event) => void said.push('error' in event ? String(event.error?.cause) : event.type),
  });
  const ended = expect(opening).rejects.toMatchObject({ code: 'closed' });
  // The last of them may not have failed yet. The 1st, the 2nd, the 4th and the 8th are behind it; of two things, the 4th of each.
  await until(() => tries > 9);
  expect(said).toHaveLength(lines);
  now = ["-ERR 'Authorization Violation'\r\n"];
  await until(() => said.length > lines);
  expect(said.slice(0, lines)).not.toContain(said[lines]);
  stop.abort();
  await ended;
});

it('comes back after the server was away, fails at once meanwhile, and what was in flight fails at once', async () => {
  const nation = await startNation('DE', members);
  const events: BusEvent[] = [];
  await makeStreams(nation, members);
  const member = await nation.open('hotline_de', (event) => events.push(event));
  const publish = (bus: Bus) => bus.publish('edge.out.hotline_de', bytes('a'), { timeoutMs: WITHIN_MS });
  await nation.server.freeze();
  const inFlight = publish(member);
  const failed = expect(inFlight).rejects.toMatchObject({ code: 'disconnected' });
  await nation.server.kill();
  await failed;
  await expect(publish(member)).rejects.toMatchObject({ code: 'disconnected' });
  await nation.server.start();
  await until(() =>
    publish(member).then(
      () => true,
      () => false,
    ),
  );
  expect(events.map(({ type }) => type)).toEqual(['connected', 'disconnected', 'connected']);
});

it('closes while the server is away', async () => {
  const nation = await startNation('DE', members);
  const bus = await nation.open('gate');
  await nation.server.kill();
  await bus.close();
  expect(bus.connected).toBe(false);
  expect(() => bus.serve('gate.preflight.*', async (data) => data)).toThrow(
    expect.objectContaining({ code: 'closed' }),
  );
});

it('refuses what is no user seed, without saying it', async () => {
  for (const seed of ['', 'SUAB', createUserKey().publicKey]) {
    const opening = openBus({ servers: 'nats://127.0.0.1:1', name: 'x', seed, inboxPrefix: '_INBOX_x' });
    await expect(opening).rejects.toMatchObject({ code: 'bad-config' });
  }
});

it('refuses an inbox prefix with a wildcard', async () => {
  const { seed } = createUserKey();
  const opening = openBus({ servers: 'nats://127.0.0.1:1', name: 'x', seed, inboxPrefix: '>' });
  onCleanUp(() => opening.catch(() => undefined));
  await expect(opening).rejects.toMatchObject({ code: 'bad-config' });
});

it('makes keys whose public half follows from the seed', () => {
  const key = createUserKey();
  expect(key.publicKey).toMatch(/^U[A-Z2-7]{55}$/);
  expect(userPublicKey(key.seed)).toBe(key.publicKey);
});
