import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
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
import { inEmergencyStream, inStream } from './grants.js';

const timeoutMs = WITHIN_MS;
const members = Array.from({ length: 10 }, (_, n) => `member${n}`);

describe('consume, with many messages', () => {
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

  it('runs handlers in parallel, never more than it was told', async () => {
    const token = 'member1';
    const bus = await nation.open(token);
    let running = 0;
    let most = 0;
    let done = 0;
    await Promise.all(Array.from({ length: 50 }, (_, n) => send(token, `${n}`)));
    // Each lasts until something that was sent meanwhile has come on the same connection: one too many would have come before that.
    const passed = new Set<string>();
    bus.consume({ ...options(token), stream: inEmergencyStream(token) }, async ({ data }) => {
      passed.add(textOf(data));
      return 'done';
    });
    let sent = 0;
    const somethingPasses = async () => {
      const word = `${sent++}`;
      await gate.publish(`edge.in-emergency.${token}`, bytes(word), { timeoutMs });
      await until(() => passed.has(word));
    };
    bus.consume({ ...options(token), maxInFlight: 8 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await until(() => most >= 8);
      await somethingPasses();
      running -= 1;
      done += 1;
      return 'done';
    });
    await until(() => done >= 50);
    expect(most).toBe(8);
  });

  it('is not held up by one handler that hangs', async () => {
    const token = 'member2';
    const bus = await nation.open(token);
    const got: string[] = [];
    let release = () => {};
    const hangs = new Promise<void>((resolve) => {
      release = resolve;
    });
    await send(token, 'hangs');
    bus.consume({ ...options(token), maxInFlight: 2 }, async ({ data }) => {
      if (textOf(data) === 'hangs') await hangs;
      got.push(textOf(data));
      return 'done';
    });
    for (let n = 0; n < 20; n += 1) await send(token, `${n}`);
    await until(() => got.length === 20);
    release();
    await until(() => got.length === 21);
    expect(got.at(-1)).toBe('hangs');
  });

  it('is not held up by two thousand messages that wait for their retry', async () => {
    const token = 'member9';
    const bus = await nation.open(token);
    const waiting = new Set<string>();
    let passed = false;
    bus.consume(options(token), async ({ data, message }) => {
      if (textOf(data) === 'now') passed = true;
      else waiting.add(message);
      return textOf(data) === 'now' ? 'done' : { retryInMs: 600_000 };
    });
    await Promise.all(Array.from({ length: 2000 }, () => send(token, 'later')));
    await until(() => waiting.size === 2000);
    await send(token, 'now');
    await until(() => passed);
  });

  it('handles 20000 messages, each once, on two processes', async () => {
    const token = 'member7';
    const count = 20_000;
    const seen = new Map<string, number>();
    let again = 0;
    for (const bus of [await nation.open(token), await nation.open(token)]) {
      bus.consume({ ...options(token), maxInFlight: 256 }, async ({ data, redeliveries }) => {
        const times = seen.get(textOf(data)) ?? 0;
        if (redeliveries > 0) again += 1;
        seen.set(textOf(data), redeliveries > 0 ? Math.max(times, 1) : times + 1);
        return 'done';
      });
    }
    for (let n = 0; n < count; n += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, i) => send(token, `${n + i}`)));
    }
    await until(() => seen.size === count);
    await until(async () => (await left(token)) === 0);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
    // Where a machine stands still for seconds, what was in flight comes again, and nothing else does.
    expect(again).toBeLessThan(count / 10);
  });
});
