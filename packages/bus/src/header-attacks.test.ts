import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { asHeaders, HOSTILE_BLOCKS, LONG_HOSTILE_BLOCKS } from './fixture/hostile-headers.js';
import { cleanUp } from './fixture/test-server.js';
import {
  bytes,
  makeStreams,
  openRaw,
  reached,
  startNation,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';
import type { Service } from './serve.js';

// The attacker may publish where it does, with any NATS client: a server stores and passes on headers as they come.
const attacker = 'hotline_de';
const members = [attacker, 'isp_de'];
const timeoutMs = WITHIN_MS;
/** Nothing that is read here takes so long, on however busy a machine. */
const STOOD_STILL_MS = 10_000;

let nation: TestNation;
let gate: Bus;
const events: BusEvent[] = [];
beforeAll(async () => {
  nation = await startNation('DE', members);
  gate = await makeStreams(nation, members);
});
afterAll(cleanUp);

/** How long nothing else ran meanwhile, at most; and what the receiver complained of. */
async function harmOf(work: () => Promise<void>) {
  events.length = 0;
  const loop = monitorEventLoopDelay();
  loop.enable();
  await work();
  loop.disable();
  return { stoodStill: loop.max / 1e6 > STOOD_STILL_MS, events: [...events] };
}

const NO_HARM = { stoodStill: false, events: [] };

describe('whoever takes messages out of a stream', () => {
  const came: { text: string; redeliveries: number }[] = [];
  let raw: NatsConnection;
  let honest: Bus;
  beforeAll(async () => {
    raw = await openRaw(nation, attacker);
    honest = await nation.open('isp_de');
    const taker = await nation.open('gate', (event) => {
      if (event.type !== 'connected') events.push(event);
    });
    taker.consume({ stream: 'OUT', durable: 'gate' }, async ({ data, redeliveries, traceparents }) => {
      came.push({ text: textOf(data), redeliveries });
      expect(traceparents.length).toBeLessThanOrEqual(64);
      return 'done';
    });
  });

  it.each(HOSTILE_BLOCKS)('gets each once, whatever its headers: %s', async (_name, block) => {
    came.length = 0;
    const harm = await harmOf(async () => {
      raw.publish(`edge.out.${attacker}`, 'hostile', asHeaders(block));
      raw.publish(`edge.out.${attacker}`, '', asHeaders(block));
      await raw.flush();
      await honest.publish('edge.out.isp_de', bytes('honest'), { timeoutMs });
      await until(() => came.length === 3);
    });
    expect(harm).toEqual(NO_HARM);
    expect(came).toEqual(['hostile', '', 'honest'].map((text) => ({ text, redeliveries: 0 })));
  });
});

describe('whoever serves', () => {
  let service: Service;
  let raw: NatsConnection;
  beforeAll(async () => {
    // Whoever has taken over a gate may ask the ledger.
    raw = await openRaw(nation, 'gate');
    const ledger = await nation.open('ledger', (event) => {
      if (event.type !== 'connected') events.push(event);
    });
    service = ledger.serve('ledger.append', async (data) => data);
    await reached(ledger);
  });
  afterAll(() => service.stop());

  it.each(LONG_HOSTILE_BLOCKS)('answers, whatever the headers of a question: %s', async (_name, block) => {
    const harm = await harmOf(async () => {
      const answer = await raw.request('ledger.append', 'hostile', {
        timeout: timeoutMs,
        ...asHeaders(block),
      });
      expect(textOf(answer.data)).toBe('hostile');
      expect(textOf(await gate.request('ledger.append', bytes('honest'), { timeoutMs }))).toBe('honest');
    });
    expect({ ...harm, events: harm.events.filter(({ type }) => type !== 'denied') }).toEqual(NO_HARM);
  });
});

describe('whoever asks', () => {
  let raw: NatsConnection;
  let asker: Bus;
  beforeAll(async () => {
    // Whoever has taken over a ledger may answer the gate.
    raw = await openRaw(nation, 'ledger');
    asker = await nation.open('gate', (event) => {
      if (event.type !== 'connected') events.push(event);
    });
  });

  it.each(LONG_HOSTILE_BLOCKS)(
    'reads the next answer, whatever the headers of one: %s',
    async (_name, block) => {
      const service = raw.subscribe('ledger.append', {
        callback: (_error, { reply = '', data }) => raw.publish(reply, data, asHeaders(block)),
      });
      await raw.flush();
      const harm = await harmOf(async () => {
        const answer = await asker.request('ledger.append', bytes('asked'), { timeoutMs });
        expect(textOf(answer)).toBe('asked');
        await asker.publish('edge.in.isp_de', bytes('next'), { timeoutMs });
      });
      service.unsubscribe();
      expect(harm).toEqual(NO_HARM);
    },
  );
});
