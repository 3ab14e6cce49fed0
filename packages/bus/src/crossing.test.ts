import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { cleanUp, onCleanUp, startServer } from './fixture/test-server.js';
import {
  bytes,
  newPassword,
  openRaw,
  startInterconnect,
  startNation,
  stream,
  type TestInterconnect,
  type TestNation,
  textOf,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';
import { interconnectConfig } from './interconnect-config.js';

/** For what is tried again; what must come at the first try has more time. */
const TRY_MS = 3000;

describe('three nations and an interconnect', () => {
  let interconnect: TestInterconnect;
  let de: TestNation;
  let fr: TestNation;
  let nl: TestNation;
  let fromDe: Bus;
  const atFr: string[] = [];

  const cross = (bus: Bus, from: string, text: string, timeoutMs = WITHIN_MS) =>
    bus.publishAcross(`cross.FR.${from}.hotline`, bytes(text), { replyPrefix: `_R.${from}.FR`, timeoutMs });
  const untilCrossed = (bus: Bus, from: string, text: string) =>
    until(() =>
      cross(bus, from, text, TRY_MS).then(
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

  it('an emergency crosses beside them, and no nation sends one in the name of another', async () => {
    const inFr = await fr.open('gateCross');
    await inFr.ensureStream(stream('CROSS_EMERGENCY', 'cross-emergency.FR.DE', 'cross-emergency.FR.NL'));
    await inFr.ensureConsumer('CROSS_EMERGENCY', { durable: 'gate' });
    inFr.consume({ stream: 'CROSS_EMERGENCY', durable: 'gate' }, async ({ subject, data }) => {
      atFr.push(`${subject} ${textOf(data)}`);
      return 'done';
    });
    const ahead = (bus: Bus, from: string, text: string) =>
      bus.publishAcross(`cross-emergency.FR.${from}`, bytes(text), {
        ...{ replyPrefix: `_R.${from}.FR`, timeoutMs: TRY_MS },
      });
    await until(() =>
      ahead(fromDe, 'DE', 'vite')
        .then(() => true)
        .catch(() => false),
    );
    await until(() => atFr.includes('cross-emergency.FR.DE vite'));
    const user = await openRaw(nl, 'gateCross', 'gate');
    await expect(
      user.request('cross-emergency.FR.DE', 'forged', { timeout: WITHIN_MS }),
    ).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
    const forger = await hostileLeaf(interconnect, 'NL');
    await until(() => {
      forger.publish('cross-emergency.FR.NL', 'honest');
      return atFr.includes('cross-emergency.FR.NL honest');
    });
    forger.publish('cross-emergency.FR.DE', 'forged');
    const honestly = () => {
      forger.publish('cross-emergency.FR.NL', 'honest again');
      return atFr.includes('cross-emergency.FR.NL honest again');
    };
    await until(honestly);
    expect(atFr.filter((text) => text.includes('forged'))).toEqual([]);
  });

  it('a thousand cross at the same time', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, n) => cross(fromDe, 'DE', `many ${n}`)));
    await until(() => new Set(atFr.filter((text) => text.includes('many'))).size === 1000);
  });

  it('a nation without a stream for us says so at once', async () => {
    const sent = fromDe.publishAcross('cross.NL.DE.hotline', bytes('a'), {
      replyPrefix: '_R.DE.NL',
      timeoutMs: WITHIN_MS,
    });
    await expect(sent).rejects.toMatchObject({ code: 'no-stream' });
  });

  it('a nation cannot send in the name of another, not even past its own server', async () => {
    await untilCrossed(await nl.open('gateCross'), 'NL', 'from nl');
    const user = await openRaw(nl, 'gateCross', 'gate');
    await expect(user.request('cross.FR.DE.hotline', 'forged', { timeout: WITHIN_MS })).rejects.toMatchObject(
      { code: 'PERMISSIONS_VIOLATION' },
    );
    // A server that grants everything to everybody joins with NL's password.
    const forger = await hostileLeaf(interconnect, 'NL');
    const honestly = async (text: string) =>
      await until(() => {
        forger.publish('cross.FR.NL.hotline', text);
        return atFr.includes(`cross.FR.NL.hotline ${text}`);
      });
    await honestly('honest');
    forger.publish('cross.FR.DE.hotline', 'forged');
    forger.publish('cross.FR.DE.hotline', 'forged', { reply: '_R.NL.FR.x' });
    await honestly('honest again');
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
    const deUser = await openRaw(de, 'gateCross', 'gate');
    for (const subject of ['_R.DE.FR.*', '_R.DE.>', '_R.>', 'cross.FR.DE.>', 'cross.FR.>', 'cross.>', '>']) {
      spy.subscribe(subject, { callback: (_error, message) => seen.push(message.subject) });
    }
    await pass(deUser, spy, 'cross.NL.DE.hotline');
    await cross(fromDe, 'DE', 'secret');
    await pass(deUser, spy, 'cross.NL.DE.hotline');
    expect(seen.filter((subject) => subject !== 'cross.NL.DE.hotline')).toEqual([]);

    // The answer that FR alone may give, from NL, for a stream that does not answer.
    await fr.server.kill();
    const reachesDe: string[] = [];
    deUser.subscribe('_R.DE.>', { callback: (_error, { subject }) => reachesDe.push(subject) });
    await pass(spy, deUser, '_R.DE.NL.own');
    for (let n = 0; n < 100; n += 1) spy.publish('_R.DE.FR.anything', '{"stream":"CROSS","seq":1}');
    await pass(spy, deUser, '_R.DE.NL.own');
    expect(reachesDe.filter((subject) => subject !== '_R.DE.NL.own')).toEqual([]);
    await fr.server.start();
    await untilCrossed(fromDe, 'DE', 'again');
  });

  it('with the interconnect down a crossing fails at once, and works again by itself', async () => {
    await interconnect.server.kill();
    await until(() =>
      cross(fromDe, 'DE', 'x', TRY_MS).then(
        () => false,
        (error) => error.code === 'no-stream',
      ),
    );
    // At once: not when the time for an answer is over.
    await expect(cross(fromDe, 'DE', 'lost', 3_600_000)).rejects.toMatchObject({ code: 'no-stream' });
    expect(fromDe.connected).toBe(true);
    await interconnect.server.start();
    await untilCrossed(fromDe, 'DE', 'after the outage');
    await until(() => atFr.includes('cross.FR.DE.hotline after the outage'));
  });

  it('with the other nation down a crossing fails at once, and works again by itself', async () => {
    await fr.server.kill();
    await until(() =>
      cross(fromDe, 'DE', 'x', TRY_MS).then(
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
  return client;
}

/** Lets a word pass on a subject that is open. What was asked for, or sent on the same way, before, has had its effect by then. */
async function pass(from: NatsConnection, to: NatsConnection, subject: string): Promise<void> {
  const word = randomBytes(8).toString('hex');
  let came = false;
  const subscription = to.subscribe(subject, {
    callback: (_error, { data }) => {
      came ||= textOf(data) === word;
    },
  });
  await to.flush();
  await until(() => {
    from.publish(subject, word);
    return came;
  });
  subscription.unsubscribe();
}

it('over an interconnect that is older than the way of emergencies, one finds no stream', async () => {
  const passwords = { DE: newPassword(), FR: newPassword() };
  const server = await startServer((serverName, _folder, [clientPort = 0, port = 0]) => {
    const nations = Object.entries(passwords).map(([nation, password]) => ({ nation, password }));
    const config = interconnectConfig({ serverName, clientPort, leaves: { port }, nations });
    return config.replaceAll(/"cross-emergency[^"]*",? ?/g, '"cross.XX.none",');
  });
  const old = { leafPort: server.ports[1] ?? 0, passwords };
  const [de, fr] = await Promise.all([startNation('DE', [], old), startNation('FR', [], old)]);
  const inFr = await fr.open('gateCross');
  await inFr.ensureStream(stream('CROSS', 'cross.FR.DE.>'));
  await inFr.ensureStream(stream('CROSS_EMERGENCY', 'cross-emergency.FR.DE'));
  const fromDe = await de.open('gateCross');
  const send = (subject: string) =>
    fromDe.publishAcross(subject, bytes('vite'), { replyPrefix: '_R.DE.FR', timeoutMs: TRY_MS });
  await until(() =>
    send('cross.FR.DE.hotline')
      .then(() => true)
      .catch(() => false),
  );
  await expect(send('cross-emergency.FR.DE')).rejects.toMatchObject({ code: 'no-stream' });
  await cleanUp();
});
