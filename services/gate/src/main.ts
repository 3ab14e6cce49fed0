import { mkdir } from 'node:fs/promises';
import { inboxPrefix, openBus } from '@entente/bus';
import { LIMITS, wire } from '@entente/contract';
import { followDirectory, loadAnchors } from '@entente/members';
import {
  createLogger,
  createMetrics,
  createRateLimit,
  createSetAside,
  openQuarantine,
  openTracing,
  readTracing,
  runService,
  watchClock,
  withOperation,
} from '@entente/runtime';
import { loadDecrypter, readSecretFile } from '@entente/seal';
import { sendAcross } from './act.js';
import { readGateConfig } from './config.js';
import { planQuarantine } from './end-quarantine.js';
import { createGate } from './gate.js';
import { createMeter } from './meter.js';
import { followPacks } from './packs.js';
import { createProbeNonces } from './probe-nonce.js';
import { createProbes } from './probes.js';
import { isFault } from './refuse-poison.js';

const NOTICES_PER_SECOND = 20;
/** An edge asks again with the clocks, and again for each thing that it removes. */
const QUESTIONS_FOR_ONE = 4;
const logger = createLogger('gate', process.env.ENTENTE_NATION ?? '?');

await runService('the gate', logger, [readGateConfig, readTracing], async (config, traced) => {
  const metrics = createMetrics();
  const about = { service: 'gate', owner: config.NATION, logger, metrics };
  const tracing = await openTracing(traced, about);
  const follower = await followDirectory(config.DIRECTORY_DIR, await loadAnchors(config.ANCHORS_FILE), {
    now: Date.now,
    onFault: (fault) => logger.error({ err: fault }, 'ALARM: a part of the directory cannot be believed'),
  });
  const packs = await followPacks({
    nation: config.NATION,
    dir: config.PACKS_DIR,
    archiveDir: config.ARCHIVE_DIR,
    directory: follower.current,
    logger,
    now: Date.now,
  });
  const connect = async (file: string) =>
    await openBus({
      servers: config.NATS_URL,
      name: `gate ${config.NATION}`,
      live: config.PROFILE === 'live',
      seed: (await readSecretFile(file)).trim(),
      inboxPrefix: inboxPrefix('gate'),
      onStatus: (event) => logger.info({ event }, 'bus'),
    });
  const bus = await connect(config.NKEY_FILE);
  const cross = await connect(config.CROSS_NKEY_FILE);
  await mkdir(config.QUARANTINE_DIR, { recursive: true, mode: 0o700 });
  const quarantine = openQuarantine(config.QUARANTINE_DIR);
  metrics.gauge(
    'gate_quarantine',
    'Messages that this gate cannot handle, kept for its operator.',
    [],
    () => [{ labels: {}, value: quarantine.count() }],
  );
  const deps = {
    nation: config.NATION,
    profile: config.PROFILE === 'live' ? wire.Profile.PROFILE_LIVE : wire.Profile.PROFILE_TEST,
    directory: follower.current,
    refreshDirectory: follower.refresh,
    packs,
    archiveDir: config.ARCHIVE_DIR,
    decrypters: await Promise.all(config.KEY_FILE.map(loadDecrypter)),
    bus,
    cross,
    replicas: Number(config.REPLICAS),
    logger,
    meter: createMeter(metrics),
    tracing,
    quarantine,
    quarantineDir: config.QUARANTINE_DIR,
    quarantineDays: config.QUARANTINE_DAYS,
    setAside: createSetAside({ quarantine, isFault, logger, now: Date.now }),
    mayNotify: createRateLimit(NOTICES_PER_SECOND, () => performance.now()),
    mayHandIn: createRateLimit(config.MEMBER_RATE, () => performance.now()),
    mayAsk: createRateLimit(QUESTIONS_FOR_ONE * config.MEMBER_RATE, () => performance.now()),
    now: Date.now,
    clock: watchClock(Date.now, LIMITS.skewMs),
  };
  const probes = createProbes({
    counterparts: () => follower.current().nations.get(config.NATION)?.part.counterparts ?? [],
    send: (to, probe) => sendAcross(deps, to, 'probe', { probe }),
    nonces: createProbeNonces((await readSecretFile(config.NKEY_FILE)).trim()),
    logger,
    metrics,
    now: Date.now,
  });
  const gate = createGate({ ...deps, probes });
  metrics.gauge(
    'gate_stream_messages',
    'Messages in each stream, each of which may be a batch; in HELD also what was released, until it is too old.',
    ['stream'],
    gate.depths,
  );
  const pages = {
    '/counterparts': () => ({ counterparts: probes.list() }),
    '/retention': () => planQuarantine(deps),
  };
  return withOperation(gate, { port: config.OPERATION_PORT, logger, metrics, pages, tracing });
});
