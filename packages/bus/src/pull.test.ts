import { connect, headers } from 'nats';
import { afterAll, expect, it } from 'vitest';
import { createUserKey } from './create-user-key.js';
import { cleanUp, onCleanUp, startServer } from './fixture/test-server.js';
import { bytes, makeStreams, startNation, until } from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';
import { openBus } from './open-bus.js';

afterAll(cleanUp);

/** So long that a server which says nothing meanwhile would be taken for dead. */
const STILL_MS = 4000;
const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STILL_MS);

it('a process that stood still takes what came meanwhile: it is not lost, to come again five seconds later', async () => {
  const nation = await startNation('DE', ['hotline_de']);
  const gate = await makeStreams(nation, ['hotline_de']);
  const events: BusEvent[] = [];
  const member = await nation.open('hotline_de', (event) => events.push(event));
  const deliveries: number[] = [];
  member.consume({ stream: 'IN_hotline_de', durable: 'hotline_de' }, async ({ redeliveries }) => {
    deliveries.push(redeliveries);
    if (redeliveries > 0) return 'done';
    // Where handlers run: the next to run after it are timers, and only then is read what came.
    setTimeout(() => setImmediate(standStill), 500);
    return { retryInMs: 1500 };
  });
  await gate.publish('edge.in.hotline_de', bytes('one'), { timeoutMs: 20_000 });
  await until(() => deliveries.length > 1);
  expect(deliveries).toEqual([0, 1]);
  expect(events.filter(({ type }) => type === 'trouble')).toEqual([]);
});

it('a request that its server forgets without a word, when its time is over, is made anew: nothing stands still', async () => {
  const plain = (name: string, _: string, [port = 0]: readonly number[]) =>
    `server_name: ${name}\nlisten: 127.0.0.1:${port}\n`;
  const { url: servers } = await startServer(plain);
  // What a server does that has JetStream: it says that it is there while a request is open, and nothing afterwards.
  const forgetful = await connect({ servers });
  const asked: number[] = [];
  forgetful.subscribe('$JS.API.CONSUMER.MSG.NEXT.S.d', {
    callback: (_, { reply = '' }) => {
      const beginsMs = performance.now();
      asked.push(beginsMs);
      const beat = setInterval(() => {
        if (performance.now() - beginsMs >= 4900) return clearInterval(beat);
        forgetful.publish(reply, undefined, { headers: headers(100, 'Idle Heartbeat') });
      }, 950);
      onCleanUp(async () => clearInterval(beat));
    },
  });
  onCleanUp(() => forgetful.close());
  const events: BusEvent[] = [];
  const onStatus = (event: BusEvent) => void events.push(event);
  const { seed } = createUserKey();
  const bus = await openBus({ servers, name: 'test', seed, inboxPrefix: '_INBOX_test', onStatus });
  onCleanUp(() => bus.close({ graceMs: 1000 }));
  bus.consume({ stream: 'S', durable: 'd' }, async () => 'done');
  await until(() => asked.length > 1);
  expect(events.filter(({ type }) => type === 'trouble')).toEqual([]);
});
