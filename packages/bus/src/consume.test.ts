import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import type { Delivery } from './consume.js';
import { inStream } from './grants.js';
import type { BusEvent } from './link.js';
import { cleanUp } from './test-server.js';
import {
  bytes,
  makeStreams,
  openRaw,
  startNation,
  type TestNation,
  textOf,
  until,
} from './with-nats-server.js';

const timeoutMs = 5000;
const members = Array.from({ length: 10 }, (_, n) => `member${n}`);

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
  const left = async (token: string): Promise<number> => {
    const raw = await openRaw(nation, 'gate');
    const info = (await raw.request(`$JS.API.STREAM.INFO.${inStream(token)}`)).json<{
      state: { messages: number };
    }>();
    await raw.close();
    return info.state.messages;
  };

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
    expect(events.filter(({ type }) => type === 'trouble')).toHaveLength(2);
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
    const token = 'member6';
    await gate.ensureConsumer(inStream(token), { durable: token, ackWaitMs: 500 });
    const bus = await nation.open(token);
    let seen = 0;
    let done = false;
    await send(token, 'slow');
    bus.consume({ ...options(token), ackWaitMs: 500 }, async () => {
      seen += 1;
      await delay(2500);
      done = true;
      return 'done';
    });
    await until(() => done);
    await until(async () => (await left(token)) === 0);
    expect(seen).toBe(1);
  });

  it('ends the handlers that run when it is stopped, and gives the rest to another', async () => {
    const token = 'member8';
    const first: string[] = [];
    const second: string[] = [];
    const one = await nation.open(token);
    for (let n = 0; n < 10; n += 1) await send(token, `${n}`);
    const consumption = one.consume({ ...options(token), maxInFlight: 4 }, async ({ data }) => {
      first.push(textOf(data));
      await delay(300);
      return 'done';
    });
    await until(() => first.length === 4);
    await consumption.stop();
    const two = await nation.open(token);
    two.consume(options(token), async ({ data }) => {
      second.push(textOf(data));
      return 'done';
    });
    await until(() => first.length + second.length === 10);
    expect(new Set([...first, ...second]).size).toBe(10);
    expect(await left(token)).toBe(0);
  });
});
