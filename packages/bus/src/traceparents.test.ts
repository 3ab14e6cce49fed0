import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from './fixture/test-server.js';
import {
  bytes,
  makeStreams,
  startNation,
  type TestNation,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

let de: TestNation;
beforeAll(async () => {
  de = await startNation('DE', ['hotline_de']);
});
afterAll(cleanUp);

/** A subscription takes a moment to reach the server. */
const SERVED = [() => true, () => false] as const;

const one = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

describe('traceparents', () => {
  it('go with a message through a stream, and not with one that has none', async () => {
    const gate = await makeStreams(de, ['hotline_de']);
    const member = await de.open('hotline_de');
    const came: (readonly string[])[] = [];
    gate.consume({ stream: 'OUT', durable: 'gate' }, async ({ traceparents }) => {
      came.push(traceparents);
      return 'done';
    });
    await member.publish('edge.out.hotline_de', bytes('a'), { timeoutMs: WITHIN_MS });
    const traceparents = [one('1'), one('2')];
    await member.publish('edge.out.hotline_de', bytes('b'), { timeoutMs: WITHIN_MS, traceparents });
    await until(() => came.length === 2);
    expect(came).toEqual([[], traceparents]);
  });

  it('go with a question, 64 of them and no more', async () => {
    const [gate, ledger] = [await de.open('gate'), await de.open('ledger')];
    let came: readonly string[] = [];
    ledger.serve('ledger.append', async (_, __, traceparents) => {
      came = traceparents;
      return bytes('done');
    });
    const traceparents = Array(100).fill(one('3'));
    const ask = async () =>
      await gate.request('ledger.append', bytes('a'), { timeoutMs: WITHIN_MS, traceparents });
    await until(async () => await ask().then(...SERVED));
    expect(came).toEqual(Array(64).fill(one('3')));
  });
});
