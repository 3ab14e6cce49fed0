import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { BusError } from './error.js';
import { asHeaders, HOSTILE_BLOCKS, LONG_HOSTILE_BLOCKS } from './fixture/hostile-headers.js';
import { cleanUp, onCleanUp, startServer } from './fixture/test-server.js';
import {
  askJetStream,
  bytes,
  makeStreams,
  newPassword,
  openRaw,
  startNation,
  stream,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';

// The attacker owns the interconnect: no permissions there, and a client that may do everything.
describe('an interconnect in hostile hands cannot', () => {
  let nation: TestNation;
  let gateCross: Bus;
  let evil: NatsConnection;
  let settled: NatsConnection;
  let spy: NatsConnection;
  const atLedger: string[] = [];
  beforeAll(async () => {
    const password = newPassword();
    const users = [
      { user: 'FR', password },
      { user: 'evil', password: 'evil' },
    ];
    const server = await startServer((name, _folder, [port, leaves]) =>
      JSON.stringify({
        server_name: name,
        listen: `127.0.0.1:${port}`,
        leafnodes: { listen: `127.0.0.1:${leaves}` },
        authorization: { users },
      }),
    );
    nation = await startNation('FR', ['isp_fr'], {
      leafPort: server.ports[1] ?? 0,
      passwords: { FR: password },
    });
    await makeStreams(nation, ['isp_fr']);
    gateCross = await nation.open('gateCross');
    await gateCross.ensureStream(stream('CROSS', 'cross.FR.DE.>', 'cross.FR.NL.>'));
    await gateCross.ensureConsumer('CROSS', { durable: 'gate' });
    evil = await connect({ servers: server.url, user: 'evil', pass: 'evil', inboxPrefix: '_R.DE.FR' });
    onCleanUp(() => evil.close());
    settled = await openRaw(nation, 'gateCross', 'gate');
    spy = await openRaw(nation, 'ledger');
    spy.subscribe('ledger.append', { callback: (_error, { data }) => atLedger.push(textOf(data)) });
    await spy.flush();
    // The way is open for what may pass: each refusal below is one.
    await until(crossed);
  });
  afterAll(cleanUp);

  const crossed = () =>
    evil.request('cross.FR.DE.hotline', 'a crossing', { timeout: 5000 }).then(
      (ack) => ack.json<{ stream: string }>().stream === 'CROSS',
      () => false,
    );
  const state = async () => {
    const ask = (api: string) => askJetStream(nation, api, undefined, 'gateCross');
    const info = await ask('STREAM.INFO.CROSS');
    const { ack_floor, created } = await ask('CONSUMER.INFO.CROSS.gate');
    const { first_seq, num_deleted } = info.state;
    return { created: [info.created, created], config: info.config, ack_floor, first_seq, num_deleted };
  };

  /** What a message fails with, once what listens for it at the interconnect is known in the nation. */
  async function errorOf(subject: string, replyPrefix: string, timeoutMs: number): Promise<unknown> {
    let error: unknown;
    await until(async () => {
      const sent = gateCross.publishAcross(subject, bytes('a'), { replyPrefix, timeoutMs });
      error = await sent.catch((reason: unknown) => reason);
      return (error as { code?: string } | undefined)?.code !== 'no-stream';
    });
    return error;
  }

  const apis = [
    'STREAM.DELETE.CROSS',
    'STREAM.PURGE.CROSS',
    'STREAM.MSG.DELETE.CROSS',
    'STREAM.UPDATE.CROSS',
    'STREAM.RESTORE.OTHER',
    'STREAM.SNAPSHOT.CROSS',
    'STREAM.CREATE.OTHER',
    'CONSUMER.DELETE.CROSS.gate',
    'CONSUMER.CREATE.CROSS.gate',
    'CONSUMER.MSG.NEXT.CROSS.gate',
  ];
  const subjects = [
    'ledger.append',
    'edge.in.isp_fr',
    'edge.out.isp_fr',
    'gate.preflight.isp_fr',
    '_INBOX_gate.x',
    '_INBOX_isp_fr.x',
    '$JS.ACK.CROSS.gate.1.1.1.0.0',
    '$JS.API.INFO',
    '$JS.API.STREAM.INFO.CROSS',
    '$JS.FR.API.STREAM.INFO.CROSS',
    '$JS.API.STREAM.DELETE.OUT',
    '$SYS.REQ.SERVER.PING',
    ...apis.flatMap((api) => [`$JS.API.${api}`, `$JS.FR.API.${api}`]),
  ];

  it.each(subjects)('reach %s', async (subject) => {
    const before = await state();
    for (const words of ['', '+ACK'])
      await expect(evil.request(subject, words, { timeout: WITHIN_MS })).rejects.toMatchObject({
        code: '503',
      });
    expect(await state()).toEqual(before);
    expect(atLedger).toEqual([]);
  });

  // What stores a crossing acknowledges it wherever its sender says.
  it.each(subjects)('reach %s by naming it as where to reply', async (reply) => {
    const before = await state();
    evil.publish('cross.FR.DE.hotline', 'a crossing', { reply });
    evil.publish('cross.FR.DE.hotline', '', { reply });
    // What is sent behind them has been stored and acknowledged: so were they. What that would have been to the consumer is done.
    await until(crossed);
    await settled.request('$JS.ACK.CROSS.gate.1.999.999.0.0', '+WPI', { timeout: WITHIN_MS });
    await spy.flush();
    expect(await state()).toEqual(before);
    expect(atLedger).toEqual([]);
  });

  describe('by headers', () => {
    const got: string[] = [];
    const events: string[] = [];
    let bus: Bus;
    beforeAll(async () => {
      bus = await nation.open('gateCross', ({ type }) => events.push(type));
      bus.consume({ stream: 'CROSS', durable: 'gate' }, async ({ subject, data }) => {
        if (subject.endsWith('.headers')) got.push(textOf(data));
        return 'done';
      });
    });
    afterAll(() => bus.close());

    it.each(HOSTILE_BLOCKS)('keep a crossing, or what comes after it: %s', async (_name, block) => {
      got.length = 0;
      evil.publish('cross.FR.DE.headers', 'hostile', asHeaders(block));
      evil.publish('cross.FR.DE.headers', 'honest');
      await until(() => got.length === 2);
      expect(got.sort()).toEqual(['honest', 'hostile']);
      expect(events).toEqual(['connected']);
    });

    // Any other error would be taken for a fault of the message that was sent.
    it('have a message blamed that is answered with nothing else', async () => {
      let answered = 0;
      const codes = new Set<unknown>();
      for (const [, block] of LONG_HOSTILE_BLOCKS) {
        const before = answered;
        const liar = evil.subscribe('cross.NL.FR.>', {
          callback: (_error, { reply = '' }) => {
            answered += 1;
            evil.publish(reply, '', asHeaders(block));
          },
        });
        await evil.flush();
        // The servers themselves answer until they know of the liar.
        await until(async () => {
          const options = { replyPrefix: '_R.FR.NL', timeoutMs: 2000 };
          const sent = bus.publishAcross('cross.NL.FR.isp', bytes('a'), options);
          await sent.catch((error: unknown) => codes.add(error instanceof BusError ? error.code : error));
          return answered > before;
        });
        liar.unsubscribe();
      }
      codes.delete('timeout');
      expect(codes).toEqual(new Set(['no-stream', 'bad-answer']));
      expect(events).toEqual(['connected']);
    });
  });

  it("hear anything but crossings and acknowledgements, the gate's inbox least", async () => {
    const heard = new Set<string>();
    const across: string[] = [];
    evil.subscribe('_INBOX_gate.>', { callback: (_error, { subject }) => heard.add(subject) });
    evil.subscribe('>', {
      callback: (_error, { subject, data }) => {
        heard.add(subject.split('.')[0] ?? '');
        if (subject === 'cross.DE.FR.isp') across.push(textOf(data));
      },
    });
    /** It hears what the gate says now, and so has heard all that went out before. */
    const hears = (word: string) =>
      until(async () => {
        const sent = gateCross.publishAcross('cross.DE.FR.isp', bytes(word), {
          ...{ replyPrefix: '_R.FR.DE', timeoutMs: 100 },
        });
        await sent.catch(() => undefined);
        return across.includes(word);
      });
    await hears('before');
    await until(crossed);
    let got = 0;
    gateCross.consume({ stream: 'CROSS', durable: 'gate' }, async () => {
      got += 1;
      return 'done';
    });
    await until(() => got > 0);
    await until(crossed);
    await hears('after');
    await until(() => heard.has('_R'));
    expect([...heard].sort()).toEqual(['_R', 'cross']);
  });

  it('answer for a subject that the gate does not listen on', async () => {
    evil.subscribe('cross.DE.FR.>', {
      callback: (_error, { reply }) => evil.publish(`${reply}x`, '{"stream":"CROSS","seq":1}'),
    });
    expect(await errorOf('cross.DE.FR.isp', '_R.FR.DE', 500)).toMatchObject({ code: 'timeout' });
  });

  it.each(['', 'not JSON', '[]', '{}', '{"stream":1,"seq":"1"}', 'null', '{"error":"\u001b[31m"}'])(
    'break the gate with the answer %j',
    async (answer) => {
      const liar = evil.subscribe('cross.NL.FR.>', {
        callback: (_error, { reply = '' }) => evil.publish(reply, answer),
      });
      await evil.flush();
      const error = await errorOf('cross.NL.FR.isp', '_R.FR.NL', WITHIN_MS);
      expect(['bad-answer', 'refused']).toContain((error as { code: string }).code);
      expect(String(error)).toMatch(/^[\x20-\x7e]*$/);
      liar.unsubscribe();
      await evil.flush();
    },
  );
});
