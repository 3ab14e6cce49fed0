import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import type { Delivery } from './consume.js';
import { cleanUp } from './fixture/test-server.js';
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
import { inStream } from './grants.js';
import type { BusEvent } from './link.js';

const timeoutMs = WITHIN_MS;
const members = Array.from({ length: 13 }, (_, n) => `member${n}`);

describe('consume', () => {
  let nation: TestNation;
  let gate: Bus;
  beforeAll(async () => {
    nation = await startNation('DE', members);
    gate = await makeStreams(nation, members);
  });
  afterAll(cleanUp);

  // Each test has a member, and so a stream, to itself.
  const send = (token: string, text: string) => gate.publish(`edge.in.${token}`, bytes(text), { timeoutMs });
  const options = (token: string) => ({ stream: inStream(token), durable: token });
  const left = (token: string) => messagesIn(nation, inStream(token));

  it('delivers what was there before and what comes, each once, and the stream forgets it', async () => {
    const token = 'member0';
    await send(token, 'before');
    const bus = await nation.open(token);
    const got: Delivery[] = [];
    bus.consume(options(token), async (delivery) => {
      got.push(delivery);
      return 'done';
    });
    await until(() => got.length === 1);
    await send(token, 'after');
    await until(async () => (await left(token)) === 0);
    expect(got.map(({ data }) => textOf(data))).toEqual(['before', 'after']);
    expect(got.map(({ subject, redeliveries }) => [subject, redeliveries])).toEqual([
      ['edge.in.member0', 0],
      ['edge.in.member0', 0],
    ]);
  });

  it('delivers again when told to, not before, and counts', async () => {
    const token = 'member3';
    const bus = await nation.open(token);
    const at: number[] = [];
    await send(token, 'again');
    const counts: number[] = [];
    bus.consume(options(token), async ({ redeliveries }) => {
      at.push(Date.now());
      counts.push(redeliveries);
      return redeliveries < 2 ? { retryInMs: 400 } : 'done';
    });
    await until(() => at.length === 3);
    expect(counts).toEqual([0, 1, 2]);
    for (const n of [1, 2]) expect((at[n] ?? 0) - (at[n - 1] ?? 0)).toBeGreaterThanOrEqual(390);
    await until(async () => (await left(token)) === 0);
  });

  it('delivers again what a handler threw at, later each time, and says so', async () => {
    const token = 'member4';
    const events: BusEvent[] = [];
    const bus = await nation.open(token, (event) => events.push(event));
    const at: number[] = [];
    await send(token, 'throws');
    bus.consume(options(token), async () => {
      at.push(Date.now());
      if (at.length < 3) throw new Error('not now');
      return 'done';
    });
    await until(() => at.length === 3);
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeGreaterThanOrEqual(240);
    expect(third - second).toBeGreaterThanOrEqual(490);
    const failed = events.filter(
      (event) => event.type === 'trouble' && event.error.code === 'handler-failed',
    );
    expect(failed).toHaveLength(2);
  });

  it('never delivers again what was dropped', async () => {
    const token = 'member5';
    const bus = await nation.open(token);
    let seen = 0;
    await send(token, 'poison');
    bus.consume(options(token), async () => {
      seen += 1;
      return 'drop';
    });
    await until(async () => (await left(token)) === 0);
    expect(seen).toBe(1);
  });

  it('keeps a message whose handler takes longer than ack_wait', async () => {
    const ackWaitMs = 2500;
    const timesSeen = async (token: string) => {
      await gate.ensureConsumer(inStream(token), { durable: token, ackWaitMs });
      const bus = await nation.open(token);
      let seen = 0;
      await send(token, 'slow');
      bus.consume({ ...options(token), ackWaitMs }, async () => {
        seen += 1;
        await delay(2.5 * ackWaitMs);
        return 'done';
      });
      await until(async () => (await left(token)) === 0);
      return seen;
    };
    // It comes again also where a machine stands still for a second meanwhile; without a word of its handler it always does.
    const seen: number[] = [];
    for (const token of ['member6', 'member10', 'member11', 'member12'])
      if (!seen.includes(1)) seen.push(await timesSeen(token));
    expect(seen).toContain(1);
  });

  it('ends the handlers that run when it is stopped, and gives the rest to another', async () => {
    const token = 'member8';
    const first: string[] = [];
    const second: string[] = [];
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const one = await nation.open(token);
    for (let n = 0; n < 10; n += 1) await send(token, `${n}`);
    const consumption = one.consume({ ...options(token), maxInFlight: 4 }, async ({ data }) => {
      first.push(textOf(data));
      await ended;
      return 'done';
    });
    await until(() => first.length === 4);
    const stopped = consumption.stop();
    end();
    await stopped;
    const two = await nation.open(token);
    two.consume(options(token), async ({ data }) => {
      second.push(textOf(data));
      return 'done';
    });
    await until(async () => (await left(token)) === 0);
    expect([...first, ...second].toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
  });
});
