import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUserKey } from './create-user-key.js';
import type { BusEvent } from './link.js';
import { openBus } from './open-bus.js';
import { cleanUp, onCleanUp, startServer, type TestServer } from './test-server.js';
import { bytes, stream, textOf, until } from './with-nats-server.js';

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

it('who is asked every few seconds, and is asked no more, goes to another one', async () => {
  const bus = await open([first, second]);
  bus.serve('ask', async () => bytes('answer'), { isAskedOften: true });
  await second.start();
  const other = await open([second]);
  expect([bus.hasOthers, other.hasOthers]).toEqual([true, false]);
  await until(() =>
    other.request('ask', bytes(''), { timeoutMs: 500 }).then(
      () => true,
      () => false,
    ),
  );
});

it('who hears of its stream stays, also where nobody answers something else', async () => {
  const events: BusEvent[] = [];
  await makeStream(first);
  const bus = await open([first, second], events);
  await second.start();
  bus.consume(ON, async () => 'done');
  for (let tries = 0; tries < 14; tries++) {
    await bus.request('nobody', bytes(''), { timeoutMs: 500 }).catch(() => undefined);
    await delay(500);
  }
  expect(events.map(({ type }) => type)).toEqual(['connected']);
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
