import { afterEach, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { createUserKey } from './create-user-key.js';
import { cleanUp, onCleanUp } from './fixture/test-server.js';
import {
  bytes,
  makeStreams,
  newPassword,
  startNation,
  stream,
  until,
  WITHIN_MS,
} from './fixture/with-nats-server.js';
import {
  type Grants,
  gateCrossGrants,
  gateGrants,
  leafGrants,
  ledgerGrants,
  memberGrants,
} from './grants.js';
import { interconnectConfig } from './interconnect-config.js';
import { type NationServer, nationServerConfig } from './nation-server-config.js';
import { openBus } from './open-bus.js';

const key = () => createUserKey().publicKey;
const nation: NationServer = {
  nation: 'DE',
  serverName: 'de-1',
  listen: { port: 4222 },
  storeDir: '/var/lib/entente',
  users: {
    gate: key(),
    gateCross: key(),
    ledger: key(),
    members: [{ token: 'hotline_de', publicKey: key() }],
  },
};
const badConfig = expect.objectContaining({ code: 'bad-config' });
const leaf = { addresses: [{ port: 7422 }], password: newPassword() };
const cluster = { listen: { port: 6222 }, routes: [{ port: 6223 }, { port: 6224 }], password: newPassword() };
const tls = { certFile: '/c.pem', keyFile: '/k.pem', caFile: '/ca.pem' };

describe('the configuration of a nation is refused', () => {
  const member = (token: string, publicKey = key()) => ({
    users: { ...nation.users, members: [{ token, publicKey }] },
  });
  const other = (pattern: string) => ({
    users: { ...nation.users, others: [{ publicKey: key(), grants: { publish: [pattern], subscribe: [] } }] },
  });
  it.each<[string, Partial<NationServer>]>([
    ['for a member called >', member('>')],
    ['for a member called *', member('*')],
    ['for a member with a dot', member('hotline.de')],
    ['for a member without a name', member('')],
    ['for a member called as the gate', member('gate')],
    ['for a member called as the ledger', member('ledger')],
    ['for a member with the key of the gate', member('isp_de', nation.users.gate)],
    ['for a key that is none', member('isp_de', 'UABC')],
    ['for a seed in the place of a key', member('isp_de', createUserKey().seed)],
    ['for a service that would reach JetStream', other('$JS.API.STREAM.DELETE.OUT')],
    ['for a service that would reach everything', other('>')],
    ['for a service that would reach everything of one depth', other('*.append')],
    ['for a nation called *', { nation: '*' }],
    ['for a folder with a quote', { storeDir: '/a"b' }],
    ['for a port that is none', { listen: { port: 0 } }],
    ['on an open network without TLS', { listen: { host: '0.0.0.0', port: 4222 } }],
    [
      'for a way to the interconnect without TLS',
      { interconnect: { ...leaf, addresses: [{ host: 'ic.eu', port: 1 }] } },
    ],
    ['for routes with a weak password', { cluster: { ...cluster, password: 'secret' } }],
    [
      'for routes over an open network without TLS',
      { cluster: { ...cluster, routes: [{ host: 'b.agency.example', port: 6222 }] } },
    ],
    [
      'for a cluster that listens on an open network without TLS',
      { cluster: { ...cluster, listen: { host: '0.0.0.0', port: 6222 } } },
    ],
    [
      'for routes that ask for no certificate',
      { cluster: { ...cluster, tls: { certFile: '/c.pem', keyFile: '/k.pem' } } },
    ],
    ['for a weak password', { interconnect: { ...leaf, password: 'secret' } }],
    [
      'for a host that is none',
      { interconnect: { ...leaf, tls, addresses: [{ host: 'a/../b@c', port: 1 }] } },
    ],
  ])('%s', (_why, change) => {
    expect(() => nationServerConfig({ ...nation, ...change })).toThrow(badConfig);
  });

  it('and else is not', () => {
    const listen = { host: '0.0.0.0', port: 4222 };
    const interconnect = { ...leaf, addresses: [{ host: 'ic.eu', port: 7422 }], tls };
    const config = JSON.parse(nationServerConfig({ ...nation, listen, tls, interconnect }));
    expect(config.tls).toEqual({
      cert_file: '/c.pem',
      key_file: '/k.pem',
      ca_file: '/ca.pem',
      verify: true,
      timeout: 5,
    });
    expect(config.leafnodes.remotes[0]).toMatchObject({ account: 'CROSS', tls: { ca_file: '/ca.pem' } });
  });
});

describe('the configuration of an interconnect is refused', () => {
  const interconnect = { serverName: 'ic', clientPort: 4222, leaves: { port: 7422 } };
  const de = { nation: 'DE', password: newPassword() };
  it.each([
    ['for a nation listed twice', { nations: [de, de] }],
    ['for a weak password', { nations: [{ ...de, password: 'secret' }] }],
    ['for a nation called >', { nations: [{ ...de, nation: '>' }] }],
    ['on an open network without TLS', { nations: [de], leaves: { host: '0.0.0.0', port: 7422 } }],
  ])('%s', (_why, change) => {
    expect(() => interconnectConfig({ ...interconnect, ...change })).toThrow(badConfig);
  });

  it('and else is not, and lets clients connect on loopback only', () => {
    const leaves = { host: '0.0.0.0', port: 7422 };
    const config = JSON.parse(interconnectConfig({ ...interconnect, leaves, tls, nations: [de] }));
    expect(config).toMatchObject({ listen: '127.0.0.1:4222', leafnodes: { tls: { cert_file: '/c.pem' } } });
  });
});

describe('the grants', () => {
  const all = [
    memberGrants('isp_de'),
    gateGrants(['isp_de']),
    ledgerGrants({ isOfCluster: true }),
    gateCrossGrants('DE'),
    leafGrants('DE'),
  ];

  it('let nobody purge a stream, nobody but the gate remove one of what is in transit, or use more of JetStream than what is named', () => {
    const publish = all.flatMap((grants) => grants.publish);
    expect(
      publish.filter((subject) => /^[>*]|^\$JS\.(>|\*|API\.(>|\*))|DELETE\.(>|\*)|PURGE/.test(subject)),
    ).toEqual([]);
    const removed = (grants: Grants) => grants.publish.filter((subject) => subject.includes('STREAM.DELETE'));
    expect(all.map(removed)).toEqual([
      [],
      ['OUT', 'EMERGENCY', 'IN_isp_de', 'IN_EMERGENCY_isp_de'].map(
        (stream) => `$JS.API.STREAM.DELETE.${stream}`,
      ),
      [],
      ['$JS.API.STREAM.DELETE.CROSS', '$JS.API.STREAM.DELETE.CROSS_EMERGENCY'],
      [],
    ]);
  });

  it('let nobody listen to more than its own', () => {
    const subscribe = all.flatMap((grants) => grants.subscribe);
    expect([...new Set(subscribe)].sort()).toEqual([
      '_INBOX_gate.>',
      '_INBOX_isp_de.>',
      '_INBOX_ledger.>',
      '_R.DE.>',
      'cross-emergency.DE.*',
      'cross.DE.>',
      'gate.preflight.*',
      'ledger.append',
    ]);
  });
});

describe('a running nation', () => {
  afterEach(cleanUp);

  it('takes in a member by a reload, and cuts off one that left, while the others go on', async () => {
    const members = ['hotline_de', 'isp_de'];
    const de = await startNation('DE', members);
    const gate = await makeStreams(de, members);
    const stays = await de.open('hotline_de');
    const leaves = await de.open('isp_de');
    const got = { hotline_de: 0, police_de: 0 };
    const consume = (bus: Bus, token: keyof typeof got) =>
      bus.consume({ stream: `IN_${token}`, durable: token }, async () => {
        got[token] += 1;
        return 'done';
      });
    consume(stays, 'hotline_de');
    const newcomer = createUserKey();
    const publicKey = (user: string) => de.keys[user]?.publicKey ?? '';
    await de.server.configure(
      nationServerConfig({
        ...nation,
        serverName: de.server.name,
        listen: { port: de.server.port },
        storeDir: `${de.server.folder}/store`,
        users: {
          gate: publicKey('gate'),
          gateCross: publicKey('gateCross'),
          ledger: publicKey('ledger'),
          members: [
            { token: 'hotline_de', publicKey: publicKey('hotline_de') },
            { token: 'police_de', publicKey: newcomer.publicKey },
          ],
        },
      }),
    );
    // Twice: after the first, 2.9 knows the new account but does not yet connect it with the nation's.
    for (const reloads of [1, 2]) {
      de.server.signal('SIGHUP');
      await until(() => de.server.log.split('Reloaded server configuration').length > reloads);
    }
    const inboxPrefix = '_INBOX_police_de';
    const bus = await openBus({ servers: de.server.url, name: 'x', seed: newcomer.seed, inboxPrefix });
    onCleanUp(() => bus.close());
    await until(() => !leaves.connected && gate.connected && stays.connected);
    await gate.ensureStream(stream('IN_police_de', 'edge.in.police_de'));
    await gate.ensureConsumer('IN_police_de', { durable: 'police_de' });
    consume(bus, 'police_de');
    for (const [who, token] of [[bus, 'police_de'] as const, [stays, 'hotline_de'] as const]) {
      await gate.publish(`edge.in.${token}`, bytes('welcome'), { timeoutMs: WITHIN_MS });
      await until(() => got[token] === 1);
      await who.publish(`edge.out.${token}`, bytes('thanks'), { timeoutMs: WITHIN_MS });
    }
  });
});
