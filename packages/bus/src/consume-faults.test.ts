import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
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
} from './fixture/with-nats-server.js';
import type { BusEvent } from './link.js';

const members = ['hotline_de'];
const options = { stream: 'IN_hotline_de', durable: 'hotline_de' };

/** Whether the consumer was asked for messages, and nobody said anything. */
const hasMissed = (events: readonly BusEvent[]) =>
  events.some((event) => event.type === 'trouble' && event.error.code === 'timeout');

describe('consume survives', () => {
  let nation: TestNation;
  let gate: Bus;
  beforeEach(async () => {
    nation = await startNation('DE', members);
    gate = await makeStreams(nation, members);
  });
  afterEach(cleanUp);

  const send = (text: string) => gate.publish('edge.in.hotline_de', bytes(text), { timeoutMs: 30_000 });
  // As the gate does: again until it is stored.
  const sendUntilStored = (text: string) =>
    until(() =>
      send(text).then(
        () => true,
        () => false,
      ),
    );
  const consumeInto = (bus: Bus, got: Set<string>) =>
    bus.consume(options, async ({ data }) => {
      got.add(textOf(data));
      return 'done';
    });

  it('the death of the server, again and again, under load', async () => {
    const got = new Set<string>();
    consumeInto(await nation.open('hotline_de'), got);
    let stop = false;
    let sent = 0;
    const load = Promise.all(
      Array.from({ length: 16 }, async (_, lane) => {
        for (let n = 0; !stop; n += 1) {
          await sendUntilStored(`${lane}/${n}`);
          sent += 1;
        }
      }),
    );
    const more = async () => {
      const before = sent;
      await until(() => sent > before + 150);
    };
    for (let round = 0; round < 3; round += 1) {
      await more();
      await nation.server.kill();
      await until(() => !gate.connected);
      await nation.server.start();
    }
    await more();
    stop = true;
    await load;
    await until(() => got.size === sent);
  });

  it('the loss of the whole store, once the gate has made it anew', async () => {
    const got = new Set<string>();
    const events: BusEvent[] = [];
    consumeInto(await nation.open('hotline_de', (event) => events.push(event)), got);
    await send('before');
    await until(() => got.has('before'));
    await nation.server.kill();
    await rm(join(nation.server.folder, 'store'), { recursive: true });
    await nation.server.start();
    await until(() => hasMissed(events));
    await makeStreams(nation, members);
    await sendUntilStored('after');
    await until(() => got.has('after'));
  });

  it('a new store, without settling a message that it was not given', async () => {
    const got: string[] = [];
    let release = () => {};
    const hangs = new Promise<void>((resolve) => {
      release = resolve;
    });
    const member = await nation.open('hotline_de');
    member.consume({ ...options, maxInFlight: 1 }, async ({ data }) => {
      got.push(textOf(data));
      if (textOf(data) === 'old number 1') await hangs;
      return 'done';
    });
    await send('old number 1');
    await until(() => got.length === 1);
    await nation.server.kill();
    await rm(join(nation.server.folder, 'store'), { recursive: true });
    await nation.server.start();
    await until(() => gate.connected && member.connected);
    await makeStreams(nation, members);
    await sendUntilStored('new number 1');
    release();
    await until(() => got.includes('new number 1'));
  });

  it('a consumer that is deleted and made anew', async () => {
    const got = new Set<string>();
    const events: BusEvent[] = [];
    consumeInto(await nation.open('hotline_de', (event) => events.push(event)), got);
    await send('before');
    await until(() => got.has('before'));
    await askJetStream(nation, 'CONSUMER.DELETE.IN_hotline_de.hotline_de');
    await until(() => events.some(({ type }) => type === 'trouble'));
    await send('after');
    await gate.ensureConsumer('IN_hotline_de', { durable: 'hotline_de' });
    await until(() => got.has('after'));
  });

  it('a consumer that does not exist yet', async () => {
    await askJetStream(nation, 'CONSUMER.DELETE.IN_hotline_de.hotline_de');
    const got = new Set<string>();
    const events: BusEvent[] = [];
    consumeInto(await nation.open('hotline_de', (event) => events.push(event)), got);
    await send('waits');
    await until(() => hasMissed(events));
    await gate.ensureConsumer('IN_hotline_de', { durable: 'hotline_de' });
    await until(() => got.has('waits'));
  });

  it('a server that stands still', async () => {
    const got = new Set<string>();
    const events: BusEvent[] = [];
    consumeInto(await nation.open('hotline_de', (event) => events.push(event)), got);
    await send('before');
    await until(() => got.has('before'));
    nation.server.signal('SIGSTOP');
    await until(() => hasMissed(events));
    nation.server.signal('SIGCONT');
    await sendUntilStored('after');
    await until(() => got.has('after'));
  });

  it('the death of another process that had asked for messages', async () => {
    const raw = await openRaw(nation, 'hotline_de');
    const ask = { batch: 100, expires: 600_000_000_000, idle_heartbeat: 1_000_000_000 };
    const api = '$JS.API.CONSUMER.MSG.NEXT.IN_hotline_de.hotline_de';
    raw.publish(api, bytes(JSON.stringify(ask)), { reply: '_INBOX_hotline_de.gone' });
    await raw.close();
    const got = new Set<string>();
    consumeInto(await nation.open('hotline_de'), got);
    for (let n = 0; n < 20; n += 1) await send(`${n}`);
    await until(() => got.size === 20);
  });

  it('its server being away when it is stopped, and closes', async () => {
    const member = await nation.open('hotline_de');
    consumeInto(member, new Set());
    await nation.server.kill();
    // Longer than a test may take.
    await member.close({ graceMs: 3_600_000 });
  });
});
