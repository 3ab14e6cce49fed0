import { afterAll, expect, it } from 'vitest';
import { cleanUp } from './fixture/test-server.js';
import { bytes, makeStreams, startNation, until } from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';

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
