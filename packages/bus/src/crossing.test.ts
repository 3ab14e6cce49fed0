import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp, onCleanUp, startServer } from './test-server.js';
import {
  bytes,
  openRaw,
  startInterconnect,
  startNation,
  stream,
  type TestInterconnect,
  type TestNation,
  textOf,
  until,
} from './with-nats-server.js';

const timeoutMs = 3000;

describe('three nations and an interconnect', () => {
  let interconnect: TestInterconnect;
  let de: TestNation;
  let fr: TestNation;
  let nl: TestNation;
  let fromDe: Bus;
  const atFr: string[] = [];

  const cross = (bus: Bus, from: string, text: string) =>
    bus.publishAcross(`cross.FR.${from}.hotline`, bytes(text), { replyPrefix: `_R.${from}.FR`, timeoutMs });
  const untilCrossed = (bus: Bus, from: string, text: string) =>
    until(() =>
      cross(bus, from, text).then(
        () => true,
        () => false,
      ),
    );

  beforeAll(async () => {
    interconnect = await startInterconnect('DE', 'FR', 'NL');
    [de, fr, nl] = await Promise.all([
      startNation('DE', [], interconnect),
      startNation('FR', [], interconnect),
      startNation('NL', [], interconnect),
    ]);
    const inFr = await fr.open('gateCross');
    await inFr.ensureStream(stream('CROSS', 'cross.FR.DE.>', 'cross.FR.NL.>'));
    await inFr.ensureConsumer('CROSS', { durable: 'gate' });
    inFr.consume({ stream: 'CROSS', durable: 'gate' }, async ({ subject, data }) => {
      atFr.push(`${subject} ${textOf(data)}`);
      return 'done';
    });
    fromDe = await de.open('gateCross');
  });
  afterAll(cleanUp);

  it('a message crosses, and its acknowledgement comes back', async () => {
    await untilCrossed(fromDe, 'DE', 'bonjour');
    await until(() => atFr.includes('cross.FR.DE.hotline bonjour'));
  });

  it('a thousand cross at the same time', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, n) => cross(fromDe, 'DE', `many ${n}`)));
    await until(() => atFr.filter((text) => text.includes('many')).length === 1000);
  });

  it('a nation without a stream for us says so at once', async () => {
    const sent = fromDe.publishAcross('cross.NL.DE.hotline', bytes('a'), {
      replyPrefix: '_R.DE.NL',
      timeoutMs,
    });
    await expect(sent).rejects.toMatchObject({ code: 'no-stream' });
  });

  it('a nation cannot send in the name of another, not even past its own server', async () => {
    await untilCrossed(await nl.open('gateCross'), 'NL', 'from nl');
    const user = await openRaw(nl, 'gateCross', 'gate');
    await expect(user.request('cross.FR.DE.hotline', 'forged', { timeout: 1000 })).rejects.toMatchObject({
      code: 'PERMISSIONS_VIOLATION',
    });
    // A server that grants everything to everybody joins with NL's password.
    const forger = await hostileLeaf(interconnect, 'NL');
    forger.publish('cross.FR.NL.hotline', 'honest');
    await until(() => atFr.includes('cross.FR.NL.hotline honest'));
    forger.publish('cross.FR.DE.hotline', 'forged');
    forger.publish('cross.FR.DE.hotline', 'forged', { reply: '_R.NL.FR.x' });
    await forger.flush();
    await delay(500);
    expect(atFr.filter((text) => text.includes('forged'))).toEqual([]);
  });

  it('a nation sees neither what crosses to others nor their acknowledgements, and forges none', async () => {
    const seen: string[] = [];
    const user = await openRaw(nl, 'gateCross', 'gate');
    for (const subject of ['_R.DE.FR.*', '_R.DE.>', 'cross.FR.DE.>', '>']) {
      const denied = new Promise((resolve) => {
        user.subscribe(subject, { callback: (error) => resolve(error?.code) });
      });
      expect(await denied).toBe('PERMISSIONS_VIOLATION');
    }
    const spy = await hostileLeaf(interconnect, 'NL');
    for (const subject of ['_R.DE.FR.*', '_R.DE.>', '_R.>', 'cross.FR.DE.>', 'cross.FR.>', 'cross.>', '>']) {
      spy.subscribe(subject, { callback: (_error, message) => seen.push(message.subject) });
    }
    await spy.flush();
    await delay(500);
    await cross(fromDe, 'DE', 'secret');
    await delay(300);
    expect(seen).toEqual([]);

    // The answer that FR alone may give, from NL, for a stream that does not answer.
    await fr.server.kill();
    const forging = setInterval(() => spy.publish('_R.DE.FR.anything', '{"stream":"CROSS","seq":1}'), 5);
    const reachesDe: string[] = [];
    const deUser = await openRaw(de, 'gateCross', 'gate');
    deUser.subscribe('_R.DE.>', { callback: (_error, { subject }) => reachesDe.push(subject) });
    await deUser.flush();
    await delay(500);
    clearInterval(forging);
    expect(reachesDe).toEqual([]);
    await fr.server.start();
    await untilCrossed(fromDe, 'DE', 'again');
  });

  it('with the interconnect down a crossing fails at once, and works again by itself', async () => {
    await interconnect.server.kill();
    await until(() =>
      cross(fromDe, 'DE', 'x').then(
        () => false,
        (error) => error.code === 'no-stream',
      ),
    );
    const began = Date.now();
    await expect(cross(fromDe, 'DE', 'lost')).rejects.toMatchObject({ code: 'no-stream' });
    expect(Date.now() - began).toBeLessThan(500);
    expect(fromDe.connected).toBe(true);
    await interconnect.server.start();
    await untilCrossed(fromDe, 'DE', 'after the outage');
    await until(() => atFr.includes('cross.FR.DE.hotline after the outage'));
  });

  it('with the other nation down a crossing fails at once, and works again by itself', async () => {
    await fr.server.kill();
    await until(() =>
      cross(fromDe, 'DE', 'x').then(
        () => false,
        (error) => error.code === 'no-stream',
      ),
    );
    await fr.server.start();
    await untilCrossed(fromDe, 'DE', 'after FR came back');
  });

  it('a client at the interconnect has no account there, and a nation is none', async () => {
    await expect(connect({ servers: interconnect.server.url })).rejects.toMatchObject({
      code: 'AUTHORIZATION_VIOLATION',
    });
    const asNation = { servers: interconnect.server.url, user: 'DE', pass: interconnect.passwords.DE ?? '' };
    await expect(connect(asNation)).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
  });
});

/** A client of a server that joins the interconnect as a nation and restrains nobody. */
async function hostileLeaf(interconnect: TestInterconnect, nation: string): Promise<NatsConnection> {
  const url = `nats-leaf://${nation}:${interconnect.passwords[nation]}@127.0.0.1:${interconnect.leafPort}`;
  const server = await startServer((name, _folder, [port]) =>
    JSON.stringify({ server_name: name, listen: `127.0.0.1:${port}`, leafnodes: { remotes: [{ url }] } }),
  );
  await until(() => server.log.includes('Leafnode connection created'));
  const client = await connect({ servers: server.url });
  onCleanUp(() => client.close());
  await delay(200);
  return client;
}
