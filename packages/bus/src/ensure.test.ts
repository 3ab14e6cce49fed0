import { EventEmitter, once } from 'node:events';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { differences } from './compare-config.js';
import type { BusError } from './error.js';
import { cleanUp } from './fixture/test-server.js';
import {
  askJetStream,
  bytes,
  makeStreams,
  startNation,
  stream,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';

let nation: TestNation;
let gate: Bus;
beforeEach(async () => {
  nation = await startNation('DE', ['hotline_de']);
  gate = await nation.open('gate');
});
afterEach(cleanUp);

// What somebody else left on the server, with options that ours would not have.
const ask = (api: string, body?: unknown): Promise<Record<string, unknown>> =>
  askJetStream(nation, api, body);

const out = stream('OUT', 'edge.out.*');

describe('ensureStream', () => {
  it('makes a stream, and finds it again', async () => {
    await gate.ensureStream(out);
    const { created } = await ask('STREAM.INFO.OUT');
    await gate.ensureStream(out);
    const info = await ask('STREAM.INFO.OUT');
    expect(info.created).toBe(created);
    expect(info.config).toMatchObject({
      storage: 'file',
      retention: 'workqueue',
      discard: 'new',
      deny_delete: true,
      deny_purge: true,
    });
  });

  it('changes what can be changed', async () => {
    await gate.ensureStream(out);
    await gate.ensureStream({ ...out, maxAgeMs: 7_200_000 });
    expect((await ask('STREAM.INFO.OUT')).config).toMatchObject({ max_age: 7_200_000_000_000 });
  });

  it('puts a limit on what each subject holds into a stream that holds more, and loses nothing', async () => {
    await gate.ensureStream(out);
    const member = await nation.open('hotline_de');
    const send = async () =>
      await member.publish('edge.out.hotline_de', bytes('x'), { timeoutMs: WITHIN_MS });
    for (let n = 0; n < 8; n += 1) await send();
    await gate.ensureStream({ ...out, maxPerSubject: 5 });
    expect((await ask('STREAM.INFO.OUT')).state).toMatchObject({ messages: 8 });
    await expect(send()).rejects.toMatchObject({ code: 'full' });
    await gate.ensureStream(out);
    await send();
  });

  it('names what the server runs otherwise and cannot change', async () => {
    await ask('STREAM.CREATE.OUT', {
      name: 'OUT',
      subjects: ['edge.out.*'],
      storage: 'file',
      retention: 'limits',
    });
    const refusal = await gate.ensureStream(out).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'config-mismatch', cause: { code: 'refused' } });
    expect(String(refusal)).toMatch(/retention is "limits", not "workqueue"/);
  });

  it('says that its subjects are taken by another stream', async () => {
    await ask('STREAM.CREATE.IN_hotline_de', {
      name: 'IN_hotline_de',
      subjects: ['edge.out.*'],
      storage: 'file',
    });
    await expect(gate.ensureStream(out)).rejects.toMatchObject({ code: 'refused' });
  });

  it('makes a stream anew that the server lost', async () => {
    await gate.ensureStream(out);
    await nation.server.kill();
    await rm(join(nation.server.folder, 'store'), { recursive: true });
    await nation.server.start();
    await until(() => gate.connected);
    await gate.ensureStream(out);
    expect(await ask('STREAM.INFO.OUT')).toHaveProperty('config');
  });
});

describe('ensureConsumer', () => {
  beforeEach(() => gate.ensureStream(out));

  it('makes a consumer, finds it again, and changes what can be changed', async () => {
    await gate.ensureConsumer('OUT', { durable: 'gate' });
    await gate.ensureConsumer('OUT', { durable: 'gate' });
    await gate.ensureConsumer('OUT', { durable: 'gate', ackWaitMs: 1000 });
    expect((await ask('CONSUMER.INFO.OUT.gate')).config).toMatchObject({
      ack_wait: 1_000_000_000,
      max_deliver: -1,
    });
  });

  it('names what the server runs otherwise and cannot change', async () => {
    const config = { durable_name: 'gate', ack_policy: 'explicit', deliver_subject: '_INBOX_gate.push' };
    const made = await ask('CONSUMER.CREATE.OUT.gate', {
      stream_name: 'OUT',
      config: { ...config, name: 'gate' },
    });
    expect(made).toHaveProperty('config');
    await expect(gate.ensureConsumer('OUT', { durable: 'gate' })).rejects.toMatchObject({
      code: 'config-mismatch',
    });
  });

  it('refuses an ack_wait over 5 s', async () => {
    const made = gate.ensureConsumer('OUT', { durable: 'gate', ackWaitMs: 5001 });
    await expect(made).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('says that there is no such stream', async () => {
    await expect(gate.ensureConsumer('IN_hotline_de', { durable: 'gate' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('makes a consumer anew that is ahead of a stream which lost its end', async () => {
    await makeStreams(nation, ['hotline_de']);
    const member = await nation.open('hotline_de');
    const got: string[] = [];
    member.consume({ stream: 'IN_hotline_de', durable: 'hotline_de' }, async ({ data }) => {
      got.push(textOf(data));
      return 'done';
    });
    const send = (text: string) => gate.publish('edge.in.hotline_de', bytes(text), { timeoutMs: WITHIN_MS });
    for (let n = 0; n < 5; n += 1) await send(`before ${n}`);
    await until(() => got.length === 5);
    await nation.server.kill('SIGTERM');
    const store = join(nation.server.folder, 'store/jetstream/NATION/streams/IN_hotline_de');
    await rm(join(store, 'msgs'), { recursive: true });
    await nation.server.start();
    await until(() => gate.connected);
    await makeStreams(nation, ['hotline_de']);
    await send('after');
    await until(() => got.includes('after'));
  });
});

describe('ensureConsumer, where a damaged store gave back a consumer that delivers nothing', () => {
  const msgs = () => join(nation.server.folder, 'store/jetstream/NATION/streams/IN_hotline_de/msgs');
  const restart = async (betweenwhiles: () => Promise<unknown>) => {
    await nation.server.kill('SIGTERM');
    await betweenwhiles();
    await nation.server.start();
    await until(() => gate.connected);
  };

  it('makes it anew, says so, and what the stream holds is delivered', async () => {
    const told: BusEvent[] = [];
    const making = await nation.open('gate', (event) => told.push(event));
    await makeStreams(nation, ['hotline_de']);
    const send = (text: string) => gate.publish('edge.in.hotline_de', bytes(text), { timeoutMs: WITHIN_MS });
    const sent = ['1', '2', '3', '4', '5'];
    for (const text of sent) await send(text);
    const saved = join(nation.server.folder, 'saved');
    await restart(() => cp(msgs(), saved, { recursive: true }));

    const got: string[] = [];
    const follow = async (bus: Bus) =>
      bus.consume({ stream: 'IN_hotline_de', durable: 'hotline_de' }, async ({ data }) => {
        got.push(textOf(data));
        return 'done';
      });
    const first = await nation.open('hotline_de');
    await follow(first);
    await until(() => got.length === sent.length);
    await first.close();
    // The messages are there again, and the consumer knows them as delivered and done.
    await restart(async () => {
      await rm(msgs(), { recursive: true });
      await cp(saved, msgs(), { recursive: true });
    });
    const { num_pending, num_ack_pending } = await ask('CONSUMER.INFO.IN_hotline_de.hotline_de');
    expect([num_pending, num_ack_pending]).toEqual([0, 0]);
    expect((await ask('STREAM.INFO.IN_hotline_de')).state).toMatchObject({ messages: sent.length });

    got.length = 0;
    await follow(await nation.open('hotline_de'));
    await until(() => making.connected);
    await making.ensureConsumer('IN_hotline_de', { durable: 'hotline_de' });
    await until(() => got.length === sent.length);
    expect(got).toEqual(sent);
    expect(told).toContainEqual({
      type: 'trouble',
      what: 'IN_hotline_de/hotline_de',
      error: expect.objectContaining({
        code: 'damaged',
        message: expect.stringContaining('5 of the 5 messages'),
      }),
    });
  });

  it('says of a stream that cannot be read that it has to be made anew; then it takes and gives again', async () => {
    await makeStreams(nation, ['hotline_de']);
    const send = (text: string) => gate.publish('edge.in.hotline_de', bytes(text), { timeoutMs: WITHIN_MS });
    for (const text of ['1', '2', '3', '4', '5', '6']) await send(text);
    await restart(async () => {
      const [block = ''] = (await readdir(msgs())).filter((name) => name.endsWith('.blk'));
      const file = join(msgs(), block);
      const data = await readFile(file);
      const lengthOf = (at: number) => data.readUInt32LE(at);
      const third = lengthOf(0) + lengthOf(lengthOf(0));
      // One bit of the length of the third: the server reads nothing beyond it, also not what comes later.
      data.writeUInt32LE(lengthOf(third) ^ 2, third);
      await writeFile(file, data);
    });
    const got: string[] = [];
    (await nation.open('hotline_de')).consume(
      { stream: 'IN_hotline_de', durable: 'hotline_de' },
      async ({ data }) => {
        got.push(textOf(data));
        return 'done';
      },
    );
    await until(() => got.length === 2);
    await send('7');
    const consumer = { durable: 'hotline_de' };
    const refusal = async () =>
      await gate.ensureConsumer('IN_hotline_de', consumer).then(
        () => undefined,
        ({ code }: BusError) => code,
      );
    await until(async () => (await refusal()) === 'unreadable');
    expect(got).toEqual(['1', '2']);
    await gate.removeStream('IN_hotline_de');
    await makeStreams(nation, ['hotline_de']);
    await send('8');
    await until(() => got.length === 3);
    expect(got).toEqual(['1', '2', '8']);
    await gate.removeStream('IN_hotline_de');
    await gate.removeStream('IN_hotline_de');
  });

  it('leaves one alone whose messages nobody asks for, and one whose messages are in hand', async () => {
    await makeStreams(nation, ['hotline_de']);
    const created = async () => (await ask('CONSUMER.INFO.IN_hotline_de.hotline_de')).created;
    const before = await created();
    await gate.publish('edge.in.hotline_de', bytes('1'), { timeoutMs: WITHIN_MS });
    await gate.ensureConsumer('IN_hotline_de', { durable: 'hotline_de' });
    const hands = new EventEmitter();
    (await nation.open('hotline_de')).consume(
      { stream: 'IN_hotline_de', durable: 'hotline_de' },
      async () => {
        hands.emit('taken');
        await once(hands, 'released');
        return 'done';
      },
    );
    await once(hands, 'taken');
    await gate.ensureConsumer('IN_hotline_de', { durable: 'hotline_de' });
    hands.emit('released');
    expect(await created()).toBe(before);
  });
});

describe('differences', () => {
  it('names the fields that a server dropped or changed, and no others', () => {
    const asked = { a: 1, dropped: true, changed: 'x', off: false, list: ['b', 'a'] };
    const running = { a: 1, changed: 'y', list: ['a', 'b'], more: 1 };
    expect(differences(asked, running)).toEqual(['dropped', 'changed']);
  });
});
