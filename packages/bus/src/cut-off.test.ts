import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { createUserKey } from './create-user-key.js';
import { cleanUp, onCleanUp, startServer, type TestServer } from './fixture/test-server.js';
import { bytes, stream, textOf, until } from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';
import { openBus } from './open-bus.js';

// Two servers that know nothing of one another: to who is at the one, the other is what a cluster is to who is at a server that is cut off.

let first: TestServer;
let second: TestServer;
const { seed } = createUserKey();
beforeEach(async () => {
  [first, second] = await Promise.all([startServer(plain), startServer(plain)]);
  // Who has two to choose from begins at the first.
  await second.kill();
});
afterEach(cleanUp);

const plain = (name: string, folder: string, [port = 0]: readonly number[]) =>
  `server_name: ${name}\nlisten: 127.0.0.1:${port}\njetstream { store_dir: ${JSON.stringify(folder)} }\n`;

const codeOf = (error: { readonly code?: string }) => error.code;

/** One of three, whose routes lead nowhere. */
const inCluster = (name: string, folder: string, [port = 0, own = 0, others = 0]: readonly number[]) =>
  `${plain(name, folder, [port])}cluster { name: C, listen: 127.0.0.1:${own}, routes: [nats-route://127.0.0.1:${others}] }\n`;

async function open(servers: readonly TestServer[], events: BusEvent[] = []) {
  const bus = await openBus({
    servers: servers.map(({ url }) => url).join(','),
    ...{ name: 'test', seed, inboxPrefix: '_INBOX_test', onStatus: (event) => void events.push(event) },
  });
  onCleanUp(() => bus.close({ graceMs: 1000 }));
  return bus;
}

const [ON, OUT] = [{ stream: 'S', durable: 'd' }, 'out.one'];
async function makeStream(server: TestServer) {
  const bus = await open([server]);
  await bus.ensureStream(stream('S', 'out.*'));
  await bus.ensureConsumer('S', { durable: 'd' });
  return bus;
}

it('who reads, and hears nothing through its server, goes to another one', async () => {
  const got: string[] = [];
  const bus = await open([first, second]);
  bus.consume(ON, async ({ data }) => {
    got.push(textOf(data));
    return 'done';
  });
  await second.start();
  const other = await makeStream(second);
  await other.publish(OUT, bytes('one'), { timeoutMs: 4000 });
  await until(() => got.includes('one'));
});

it('who is answered by nobody but a service goes to another one: that may be at the same server', async () => {
  const clock = await open([first]);
  clock.serve('clock', async () => bytes('now'));
  const bus = await open([first, second]);
  let answers = 0;
  const ask = async () => {
    await bus.request('clock', bytes(''), { timeoutMs: 500 });
    answers += 1;
  };
  const asking = setInterval(() => void ask().catch(() => undefined), 500);
  onCleanUp(async () => clearInterval(asking));
  const got: string[] = [];
  bus.consume(ON, async ({ data }) => {
    got.push(textOf(data));
    return 'done';
  });
  await until(() => answers > 0);
  await second.start();
  const other = await makeStream(second);
  await other.publish(OUT, bytes('one'), { timeoutMs: 4000 });
  await until(() => got.includes('one'));
});

it('who is told that the cluster has no leader goes to another server', async () => {
  const alone = await startServer(inCluster);
  const isThere = async (bus: Bus) => await bus.ensureStream(stream('S', 'out.*')).then(() => '', codeOf);
  const local = await open([alone]);
  await until(async () => (await isThere(local)) === 'leaderless');
  const bus = await open([alone, second]);
  expect(await isThere(bus)).toBe('leaderless');
  await second.start();
  await until(async () => (await isThere(bus)) === '');
}, 60_000);

it('who only answers asks for a leader, and goes to another one where there is none', async () => {
  const alone = await startServer(inCluster);
  const bus = await open([alone, second]);
  bus.serve('ask', async () => bytes('answer'));
  bus.keepWithOthers();
  await second.start();
  const other = await open([second]);
  await until(() =>
    other.request('ask', bytes(''), { timeoutMs: 500 }).then(
      () => true,
      () => false,
    ),
  );
});

it('who hears of its stream, or that there is a leader, stays, also where nobody answers something else', async () => {
  const events: BusEvent[] = [];
  await makeStream(first);
  const bus = await open([first, second], events);
  const asking = await open([first, second], events);
  await second.start();
  bus.consume(ON, async () => 'done');
  asking.keepWithOthers();
  // Who has no stream does the same, and goes.
  const gone: BusEvent[] = [];
  const other = await open([first, second], gone);
  const ask = async (one: Bus) =>
    await one.request('nobody', bytes(''), { timeoutMs: 500 }).catch(() => undefined);
  await until(async () => {
    await Promise.all([ask(bus), ask(other)]);
    return gone.some(({ type }) => type === 'disconnected');
  });
  expect(events.map(({ type }) => type)).toEqual(['connected', 'connected']);
});

it('who was started while a server was down goes there as well, later', async () => {
  const events: BusEvent[] = [];
  // Whichever each tries first.
  for (let n = 0; n < 4; n++) await open([first, second], events);
  await second.start();
  await first.kill();
  const { host } = new URL(second.url);
  const areThere = () =>
    events.filter((event) => event.type === 'connected' && event.server === host).length === 4;
  await until(areThere);
});
