import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp } from './fixture/test-server.js';
import {
  askJetStream,
  bytes,
  makeStreams,
  openRaw,
  startNation,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

// The attacker is a member, with its key and any NATS client.
const attacker = 'hotline_de';
const victim = 'isp_de';
const members = [attacker, victim];
const timeoutMs = WITHIN_MS;

describe('a member cannot', () => {
  let nation: TestNation;
  let gate: Bus;
  let raw: NatsConnection;
  let spies: NatsConnection[];
  const atLedger: string[] = [];
  const atGate: string[] = [];
  beforeAll(async () => {
    nation = await startNation('DE', members);
    gate = await makeStreams(nation, members);
    raw = await openRaw(nation, attacker);
    spies = [await openRaw(nation, 'ledger'), await openRaw(nation, 'gate')];
    spies[0]?.subscribe('ledger.append', { callback: (_error, { data }) => atLedger.push(textOf(data)) });
    spies[1]?.subscribe('gate.preflight.*', { callback: (_error, { subject }) => atGate.push(subject) });
    await Promise.all(spies.map((spy) => spy.flush()));
    await gate.publish(`edge.in.${victim}`, bytes('for the victim'), { timeoutMs });
    await gate.publish(`edge.in.${attacker}`, bytes('for the attacker'), { timeoutMs });
    await (await nation.open(victim)).publish(`edge.out.${victim}`, bytes('by the victim'), { timeoutMs });
  });
  afterAll(cleanUp);

  const refusal = (subject: string, body = '') =>
    raw.request(subject, body, { timeout: timeoutMs }).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
  const refusedSubscription = async (subject: string) => {
    let said = 'subscribed';
    raw.subscribe(subject, {
      callback: (error) => {
        said = error?.code ?? 'a message';
      },
    });
    // The server refuses it before it answers what comes behind it.
    await raw.flush();
    return said;
  };
  const own = `IN_${attacker}.${attacker}`;
  /** All that it has said to its own consumer is done when what it says last is acknowledged. */
  const isSettled = () => raw.request(`$JS.ACK.${own}.1.999.999.0.0`, '+WPI', { timeout: timeoutMs });
  /**
   * All that it has asked for was answered, wherever to: what it asks behind that is, and a request for messages that waits as long as
   * the others has run out.
   */
  const isAnswered = async () => {
    await isSettled();
    await raw.request(`edge.out.${attacker}`, 'x', { timeout: timeoutMs });
    // What is asked beside what the server cannot deliver it may leave without an answer.
    const ask = () =>
      raw.request(`$JS.API.CONSUMER.MSG.NEXT.${own}`, '{"batch":1,"expires":200000000}', { timeout: 1000 });
    await until(async () => (await ask().catch(() => undefined))?.headers?.code === 408);
    await Promise.all(spies.map((spy) => spy.flush()));
  };
  /** What there is of the victim's, and of the gate's, as the gate sees it. */
  const everything = async () => {
    const ask = (api: string, body = {}) => askJetStream(nation, api, body);
    const [out, inbox, outConsumer, inboxConsumer] = await Promise.all([
      ask('STREAM.INFO.OUT', { subjects_filter: `edge.out.${victim}` }),
      ask(`STREAM.INFO.IN_${victim}`),
      ask('CONSUMER.INFO.OUT.gate'),
      ask(`CONSUMER.INFO.IN_${victim}.${victim}`),
    ]);
    return {
      sentByVictim: out.state.subjects,
      forVictim: inbox.state,
      settled: [outConsumer.ack_floor, inboxConsumer.ack_floor],
    };
  };

  it('see anything else in these tests than what is there', async () => {
    expect(await everything()).toMatchObject({
      sentByVictim: { [`edge.out.${victim}`]: 1 },
      forVictim: { messages: 1 },
      settled: [{ stream_seq: 0 }, { stream_seq: 0 }],
    });
  });

  it.each([
    ['send in the name of another', `edge.out.${victim}`],
    ['send in the name of another, ahead of all', `edge.emergency.${victim}`],
    ['ask the gate in the name of another', `gate.preflight.${victim}`],
    ['deliver to itself or another, past the gate', `edge.in.${victim}`],
    ['deliver to another ahead of all, past the gate', `edge.in-emergency.${victim}`],
    ['append to the ledger', 'ledger.append'],
    ['send into another nation', `cross.FR.DE.${attacker}`],
    ['send into another nation, ahead of all', 'cross-emergency.FR.DE'],
    ['write into the inbox of another', `_INBOX_${victim}.x`],
    ['read the messages of another', `$JS.API.CONSUMER.MSG.NEXT.IN_${victim}.${victim}`],
    ['read the emergencies for another', `$JS.API.CONSUMER.MSG.NEXT.IN_EMERGENCY_${victim}.${victim}`],
    ['read what all have sent', '$JS.API.CONSUMER.MSG.NEXT.OUT.gate'],
    ['read the emergencies of all', '$JS.API.CONSUMER.MSG.NEXT.EMERGENCY.gate'],
    ['settle the emergencies of all', '$JS.ACK.EMERGENCY.gate.1.1.1.0.0'],
    ['settle the messages of another', `$JS.ACK.IN_${victim}.${victim}.1.1.1.0.0`],
    ['settle what all have sent', '$JS.ACK.OUT.gate.1.1.1.0.0'],
    ['look at a stream', `$JS.API.STREAM.INFO.IN_${attacker}`],
    ['read a stream directly', `$JS.API.STREAM.MSG.GET.IN_${attacker}`],
    ['read a stream by its fast way', `$JS.API.DIRECT.GET.IN_${victim}`],
    ['put a message in the place of a held one', `gate.held.${'a'.repeat(64)}`],
    ['read what is held', '$JS.API.STREAM.MSG.GET.HELD'],
    ['read what is held by the fast way', `$JS.API.DIRECT.GET.HELD.gate.held.${'a'.repeat(64)}`],
    ['make a consumer of what is held', '$JS.API.CONSUMER.CREATE.HELD.mine'],
    ['make a stream', '$JS.API.STREAM.CREATE.MINE'],
    ['change a stream', `$JS.API.STREAM.UPDATE.IN_${attacker}`],
    ['purge a stream', `$JS.API.STREAM.PURGE.IN_${attacker}`],
    ['delete a stream', `$JS.API.STREAM.DELETE.IN_${attacker}`],
    ['delete a message', `$JS.API.STREAM.MSG.DELETE.IN_${attacker}`],
    ['copy a stream', `$JS.API.STREAM.SNAPSHOT.IN_${attacker}`],
    ['replace a stream', `$JS.API.STREAM.RESTORE.IN_${attacker}`],
    ['list the streams', '$JS.API.STREAM.NAMES'],
    ['make a consumer', `$JS.API.CONSUMER.CREATE.IN_${attacker}.mine`],
    ['make a consumer the old way', `$JS.API.CONSUMER.DURABLE.CREATE.IN_${attacker}.mine`],
    ['delete a consumer', `$JS.API.CONSUMER.DELETE.IN_${attacker}.${attacker}`],
    ['learn about its account', '$JS.API.INFO'],
    ['learn about the server', '$SYS.REQ.SERVER.PING'],
    ['learn who is connected', '$SYS.REQ.ACCOUNT.PING.CONNZ'],
  ])('%s', async (_what, subject) => {
    expect(await refusal(subject)).toBe('PERMISSIONS_VIOLATION');
  });

  it.each([
    '>',
    '*.>',
    `_INBOX_${victim}.>`,
    '_INBOX_gate.>',
    `edge.in.${victim}`,
    `edge.out.${victim}`,
    'ledger.append',
    'gate.preflight.*',
    'gate.held.*',
    '_R_.>',
    '$JS.>',
    '$SYS.>',
  ])('listen on %s', async (subject) => {
    expect(await refusedSubscription(subject)).toBe('PERMISSIONS_VIOLATION');
  });

  // JetStream answers wherever a reply subject says: with an acknowledgement, a message, "no messages", or nothing.
  it.each([
    'ledger.append',
    `gate.preflight.${victim}`,
    `edge.out.${victim}`,
    `edge.in.${victim}`,
    `$JS.API.STREAM.PURGE.IN_${victim}`,
    '$JS.API.STREAM.PURGE.OUT',
    `gate.held.${'a'.repeat(64)}`,
    '$JS.API.STREAM.PURGE.HELD',
    `$JS.API.STREAM.DELETE.IN_${victim}`,
    '$JS.API.STREAM.DELETE.OUT',
    '$JS.API.STREAM.MSG.DELETE.OUT',
    `$JS.API.CONSUMER.DELETE.IN_${victim}.${victim}`,
    '$JS.API.CONSUMER.DELETE.OUT.gate',
    `$JS.ACK.IN_${victim}.${victim}.1.1.1.0.0`,
    '$JS.ACK.OUT.gate.1.1.1.0.0',
  ])('reach %s by naming it as where to reply', async (reply) => {
    const before = await everything();
    const next = `$JS.API.CONSUMER.MSG.NEXT.${own}`;
    const ack = `$JS.ACK.${own}.1.9.9.0.0`;
    raw.publish(next, '{"batch":1,"no_wait":true}', { reply });
    raw.publish(next, '{"batch":1,"no_wait":true}', { reply });
    raw.publish(next, '{"batch":1,"expires":200000000,"idle_heartbeat":100000000}', { reply });
    raw.publish(`edge.out.${attacker}`, 'x', { reply });
    raw.publish(`gate.preflight.${attacker}`, 'x', { reply });
    for (const word of ['+ACK', '-NAK', '+WPI', '+NXT', '+NXT {"batch":1,"no_wait":true}']) {
      raw.publish(ack, word, { reply });
    }
    await isAnswered();
    expect(await everything()).toEqual(before);
    expect(atLedger).toEqual([]);
    expect(atGate.filter((subject) => !subject.endsWith(attacker))).toEqual([]);
  });

  it('have a message removed that was never delivered to it, by settling its number', async () => {
    const before = await everything();
    for (let n = 1; n < 20; n += 1) {
      raw.publish(`$JS.ACK.${own}.1.${n}.${n}.0.0`, '+ACK');
    }
    await isSettled();
    expect(await everything()).toEqual(before);
  });

  it('take the connections of others', async () => {
    const opened = await Promise.allSettled(Array.from({ length: 40 }, () => openRaw(nation, attacker)));
    expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(16);
    expect((await nation.open(victim)).connected).toBe(true);
  });

  it('take the place of another: what is for the victim arrives, once', async () => {
    const got: string[] = [];
    const bus = await nation.open(victim);
    bus.consume({ stream: `IN_${victim}`, durable: victim }, async ({ data }) => {
      got.push(textOf(data));
      return 'done';
    });
    await until(() => got.length > 0);
    await gate.publish(`edge.in.${victim}`, bytes('the next'), { timeoutMs });
    await until(() => got.includes('the next'));
    expect(got).toEqual(['for the victim', 'the next']);
  });
});
