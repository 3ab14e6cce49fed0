import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
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
import type { RequestHandler, ServeOptions, Service } from './serve.js';

const timeoutMs = WITHIN_MS;

describe('serve and request', () => {
  let nation: TestNation;
  let gate: Bus;
  let ledger: Bus;
  let member: Bus;
  const events: BusEvent[] = [];
  const services: Service[] = [];
  beforeAll(async () => {
    nation = await startNation('DE', ['hotline_de', 'isp_de']);
    gate = await makeStreams(nation, ['hotline_de']);
    ledger = await nation.open('ledger', (event) => events.push(event));
    member = await nation.open('hotline_de');
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
  });
  afterAll(cleanUp);

  const append = (text: string) => gate.request('ledger.append', bytes(text), { timeoutMs });
  const serve = async (handler: RequestHandler, options?: ServeOptions) => {
    services.push(ledger.serve('ledger.append', handler, options));
    await reached(ledger);
  };
  const preflights = async (handler: RequestHandler, options?: ServeOptions) => {
    services.push(gate.serve('gate.preflight.*', handler, options));
    await reached(gate);
  };

  it('answers', async () => {
    await serve(async (data, subject) => bytes(`${subject}: ${textOf(data)}`));
    expect(textOf(await append('a'))).toBe('ledger.append: a');
  });

  it('takes of one subject no more than its share, and of the others still; what is answered makes room', async () => {
    const other = await nation.open('isp_de');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let busy = 0;
    const onBusy = () => {
      busy += 1;
    };
    const handler = async () => {
      await released;
      return bytes('answered');
    };
    await preflights(handler, { maxInFlight: 1, maxOfOneSubject: 2, onBusy });
    const ask = (bus: Bus, token: string) =>
      bus.request(`gate.preflight.${token}`, bytes('x'), { timeoutMs }).then(textOf, ({ code }) => code);
    const asked = Array.from({ length: 5 }, () => ask(member, 'hotline_de'));
    await until(() => busy === 3);
    const askedByOther = [ask(other, 'isp_de'), ask(other, 'isp_de'), ask(other, 'isp_de')];
    await until(() => busy === 4);
    release();
    expect((await Promise.all(asked)).sort()).toEqual(['answered', 'answered', 'busy', 'busy', 'busy']);
    expect((await Promise.all(askedByOther)).sort()).toEqual(['answered', 'answered', 'busy']);
    expect(await ask(member, 'hotline_de')).toBe('answered');
  });

  it('answers "busy" where it may not take one more now', async () => {
    const asked: string[] = [];
    let busy = 0;
    const onBusy = () => {
      busy += 1;
    };
    await preflights(async () => bytes('answered'), {
      mayTake: (subject) => asked.push(subject) === 1,
      onBusy,
    });
    const ask = () => member.request('gate.preflight.hotline_de', bytes('x'), { timeoutMs });
    expect(textOf(await ask())).toBe('answered');
    await expect(ask()).rejects.toMatchObject({ code: 'busy' });
    expect([asked, busy]).toEqual([Array(2).fill('gate.preflight.hotline_de'), 1]);
  });

  it('says when it answers, also where it fails, to whoever wants to know', async () => {
    const told: number[] = [];
    const ask = (text: string) =>
      gate.request('ledger.append', bytes(text), { timeoutMs, onTime: (theirMs) => told.push(theirMs) });
    await serve(
      async (data) => {
        if (textOf(data) === 'fail') throw new Error('as asked');
        return data;
      },
      { now: () => 1_750_000_000_123 },
    );
    expect(textOf(await ask('a'))).toBe('a');
    await expect(ask('fail')).rejects.toMatchObject({ code: 'handler-failed' });
    expect(told).toEqual([1_750_000_000_123, 1_750_000_000_123]);
  });

  it('tells a member what the clock of its gate says, and nothing where the gate does not', async () => {
    const told: number[] = [];
    const ask = async () =>
      await member.request('gate.preflight.hotline_de', bytes('?'), {
        timeoutMs,
        onTime: (theirMs) => told.push(theirMs),
      });
    await preflights(async (data) => data);
    await ask();
    await services.pop()?.stop();
    await preflights(async (data) => data, { now: () => 77 });
    await ask();
    expect(told).toEqual([77]);
  });

  it('answers a member through its gate, and tells the gate which member asks', async () => {
    await preflights(async (data, subject) => bytes(`${subject}: ${textOf(data)}`));
    const answer = await member.request('gate.preflight.hotline_de', bytes('may I?'), { timeoutMs });
    expect(textOf(answer)).toBe('gate.preflight.hotline_de: may I?');
  });

  it('says at once that nobody serves', async () => {
    await expect(append('a')).rejects.toMatchObject({ code: 'no-responder' });
  });

  it('says that the handler failed, and not why', async () => {
    await serve(async () => {
      throw new Error('secret');
    });
    const refusal = await append('a').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'handler-failed' });
    expect(String(refusal)).not.toContain('secret');
    expect(events.at(-1)).toMatchObject({ type: 'trouble', error: { cause: { message: 'secret' } } });
  });

  it('runs handlers in parallel up to its limit, lets some wait, and says when it has too many', async () => {
    let most = 0;
    let running = 0;
    const { promise: released, resolve: release } = withResolvers();
    await serve(
      async (data) => {
        running += 1;
        most = Math.max(most, running);
        await released;
        running -= 1;
        return data;
      },
      { maxInFlight: 4, maxWaiting: 4 },
    );
    const refused: { readonly code: string }[] = [];
    const asking = Array.from({ length: 20 }, (_, n) =>
      append(`${n}`).then(
        () => 'answered',
        (error) => refused.push(error),
      ),
    );
    await until(() => refused.length === 12).finally(release);
    const all = await Promise.all(asking);
    expect(most).toBe(4);
    expect(all.filter((outcome) => outcome === 'answered')).toHaveLength(8);
    expect(refused.every(({ code }) => code === 'busy')).toBe(true);
  });

  it('gives up on an answer in time', async () => {
    const { promise: released, resolve: release } = withResolvers();
    await serve(() => released.then(() => bytes('late')));
    const answer = gate.request('ledger.append', bytes('a'), { timeoutMs: 100 });
    await expect(answer).rejects.toMatchObject({ code: 'timeout' });
    release();
  });

  it('answers what it has taken when it is stopped, and no more', async () => {
    const order: string[] = [];
    const { promise: released, resolve: release } = withResolvers();
    await serve(async () => {
      order.push('taken');
      await released;
      order.push('handled');
      return bytes('done');
    });
    const taken = append('a');
    await until(() => order.length > 0);
    const stopped = services
      .pop()
      ?.stop()
      .then(() => order.push('stopped'));
    release();
    await stopped;
    expect(order).toEqual(['taken', 'handled', 'stopped']);
    expect(textOf(await taken)).toBe('done');
    await expect(append('b')).rejects.toMatchObject({ code: 'no-responder' });
  });

  it('takes nothing for a request that JetStream was made to send', async () => {
    const seen: string[] = [];
    await serve(async (data) => {
      seen.push(textOf(data));
      return data;
    });
    const spy = await openRaw(nation, 'ledger');
    const arrived: string[] = [];
    spy.subscribe('ledger.append', { callback: (_error, { data }) => arrived.push(textOf(data)) });
    await spy.flush();
    // The gate stands for anybody who shares its account.
    const raw = await openRaw(nation, 'gate');
    const reply = 'ledger.append';
    await member.publish('edge.out.hotline_de', bytes('forged append'), { timeoutMs });
    raw.publish('$JS.API.CONSUMER.MSG.NEXT.OUT.gate', bytes('1'), { reply });
    raw.publish('edge.in.hotline_de', bytes('x'), { reply });
    await until(() => arrived.length === 2);
    expect(arrived).toContain('forged append');
    await append('real');
    expect(seen).toEqual(['real']);
  });

  it('answers again after the server was away', async () => {
    await serve(async (data) => data);
    await nation.server.kill();
    await expect(append('a')).rejects.toMatchObject({ code: 'disconnected' });
    await nation.server.start();
    await until(() =>
      append('a').then(
        () => true,
        () => false,
      ),
    );
  });
});

function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
