import { join } from 'node:path';
import { inboxPrefix, openBus } from '@entente/bus';
import { paths } from '@entente/cli';
import { type MemberId, memberToken, nationOf, wire } from '@entente/contract';
import {
  createEdge,
  createMeter as createEdgeMeter,
  isFault as isEdgeFault,
  openEdgeStore,
} from '@entente/edge';
import { createGate, createMeter, followPacks, isFault } from '@entente/gate';
import { followDirectory, loadAnchors } from '@entente/members';
import {
  createLogger,
  createMetrics,
  createSetAside,
  NO_TRACING,
  openQuarantine,
  watchClock,
} from '@entente/runtime';
import { loadDecrypter, loadPseudonymiser, loadSigner } from '@entente/seal';
import { natsPort, seedOf } from './hostile.js';
import type { TestNetwork } from './network.js';

// Services of a test network that run in this process, with the same keys and stores, by a clock that the test holds.

/** Faults of one message before it is set aside: in a test nobody waits three minutes. */
const SOON = 3;

export interface ServiceHere {
  readonly stop: () => Promise<void>;
}

async function commonOf(net: TestNetwork, name: string, owner: string, now: () => number) {
  const { dir } = net.home;
  const logger = createLogger(name, owner);
  logger.level = 'silent';
  const anchors = await loadAnchors(paths.anchors(dir));
  const follower = await followDirectory(paths.directory(dir), anchors, { now, onFault: () => undefined });
  return {
    logger,
    follower,
    directory: follower.current,
    now,
    // A test sets its clock as it likes.
    clock: watchClock(now, Number.POSITIVE_INFINITY),
    profile: wire.Profile.PROFILE_TEST,
  };
}

/**
 * The gate of a nation, in the place of its process, which must not run.
 * @param told the time that it tells members' edges: one whose own differs seals and opens nothing
 */
export async function startGateHere(
  net: TestNetwork,
  nation: string,
  now: () => number,
  told = now,
): Promise<ServiceHere> {
  const { dir } = net.home;
  const { follower, ...common } = await commonOf(net, 'gate', nation, now);
  const packs = await followPacks({
    ...{ nation, dir: paths.packs(dir), archiveDir: paths.archive(dir, nation) },
    ...{ directory: common.directory, logger: common.logger, now },
  });
  const services = `services.${nation.toLowerCase()}`;
  const connect = async (nkey: string) =>
    await openBus({
      servers: `nats://127.0.0.1:${natsPort(net.home, nation)}`,
      ...{ name: 'gate', seed: seedOf(net.home, services, nkey), inboxPrefix: inboxPrefix('gate') },
    });
  const bus = await connect('gate.nkey');
  const serve = bus.serve.bind(bus);
  bus.serve = (subject, handler, options) => serve(subject, handler, { ...options, now: told });
  const quarantine = openQuarantine(paths.quarantine(dir, nation));
  const gate = createGate({
    ...common,
    refreshDirectory: follower.refresh,
    ...{
      nation,
      packs,
      archiveDir: paths.archive(dir, nation),
      mayNotify: () => true,
      mayHandIn: () => true,
      mayAsk: () => true,
    },
    decrypters: [await loadDecrypter(paths.secret(dir, services, 'gate.key'))],
    bus,
    cross: await connect('gate-cross.nkey'),
    replicas: 1,
    meter: createMeter(createMetrics()),
    tracing: NO_TRACING,
    quarantine,
    quarantineDir: paths.quarantine(dir, nation),
    quarantineDays: 30,
    setAside: createSetAside({ ...common, quarantine, isFault, after: SOON }),
    probes: { list: () => [], ask: async () => undefined, receive: async () => undefined },
  });
  await gate.start();
  return gate;
}

/** The edge of a member, in the place of its process, which must not run. It answers on the same port, with the same token. */
export async function startEdgeHere(net: TestNetwork, id: string, now: () => number): Promise<ServiceHere> {
  const { dir, nations } = net.home;
  const member = id as MemberId;
  const { follower, ...common } = await commonOf(net, 'edge', id, now);
  const secret = (name: string) => paths.secret(dir, id, name);
  const quarantine = openQuarantine(paths.edgeQuarantine(dir, id));
  const edge = await createEdge(
    {
      ...common,
      member,
      refreshDirectory: follower.refresh,
      signer: await loadSigner(secret('sign.key')),
      decrypters: [await loadDecrypter(secret('decrypt.key'))],
      pseudonymise: await loadPseudonymiser(secret('pseudonym.key')),
      db: openEdgeStore(join(paths.edge(dir, id), 'edge.sqlite')),
      bus: await openBus({
        servers: `nats://127.0.0.1:${natsPort(net.home, nationOf(id))}`,
        ...{ name: id, seed: seedOf(net.home, id, 'nats.nkey'), inboxPrefix: inboxPrefix(memberToken(id)) },
      }),
      proofDays: 1095,
      accessDays: 1095,
      mayTake: () => true,
      quarantine,
      setAside: createSetAside({ ...common, quarantine, isFault: isEdgeFault, after: SOON }),
      meter: createEdgeMeter(createMetrics()),
      tracing: NO_TRACING,
    },
    {
      httpPort: nations.flatMap(({ members }) => members).find((one) => one.id === id)?.httpPort ?? 0,
      httpToken: seedOf(net.home, id, 'http.token'),
    },
  );
  await edge.start();
  return edge;
}
