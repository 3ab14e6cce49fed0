import { join } from 'node:path';
import { inboxPrefix, openBus } from '@entente/bus';
import { LIMITS, type MemberId, memberToken, wire } from '@entente/contract';
import { followDirectory, loadAnchors } from '@entente/members';
import {
  createLogger,
  createMetrics,
  createRateLimit,
  createSetAside,
  type Metrics,
  openQuarantine,
  openTracing,
  readTracing,
  runService,
  type Tracing,
  watchClock,
  withOperation,
  withTurn,
} from '@entente/runtime';
import { loadDecrypter, loadPseudonymiser, loadSigner, readSecretFile } from '@entente/seal';
import { isFault } from './accept-passage.js';
import { readEdgeConfig } from './config.js';
import { createEdge } from './edge.js';
import { readToken } from './http/read-token.js';
import { createMeter } from './meter.js';
import { openSeenVersions } from './seen-versions.js';
import { openEdgeStore } from './store.js';

const logger = createLogger('edge', process.env.ENTENTE_MEMBER ?? '?');

await runService('the edge', logger, [readEdgeConfig, readTracing], async (config, traced) => {
  const metrics = createMetrics();
  const about = { service: 'edge', owner: config.MEMBER, logger, metrics };
  const tracing = await openTracing(traced, about);
  // INVARIANT: one process has outbox and cases. A second one of the same member waits, and opens nothing before.
  const service = withTurn({ file: join(config.DATA_DIR, 'edge.lock'), logger }, () =>
    openEdge(config, metrics, tracing),
  );
  return withOperation(service, { port: config.OPERATION_PORT, logger, metrics, tracing });
});

async function openEdge(config: ReturnType<typeof readEdgeConfig>, metrics: Metrics, tracing: Tracing) {
  const db = openEdgeStore(join(config.DATA_DIR, 'edge.sqlite'));
  const seen = openSeenVersions(db);
  const follower = await followDirectory(config.DIRECTORY_DIR, await loadAnchors(config.ANCHORS_FILE), {
    now: Date.now,
    floor: seen.floor(),
    onChange: (directory) => seen.raise(directory.versions),
    onFault: (fault) => logger.error({ err: fault }, 'ALARM: a part of the directory cannot be believed'),
  });
  seen.raise(follower.current().versions);
  const member = config.MEMBER as MemberId;
  const bus = await openBus({
    servers: config.NATS_URL,
    name: `edge ${member}`,
    live: config.PROFILE === 'live',
    seed: (await readSecretFile(config.NKEY_FILE)).trim(),
    inboxPrefix: inboxPrefix(memberToken(member)),
    onStatus: (event) => logger.info({ event }, 'bus'),
  });
  const quarantine = openQuarantine(join(config.DATA_DIR, 'quarantine'));
  metrics.gauge(
    'edge_quarantine',
    'Messages that this edge cannot handle, kept for its operator.',
    [],
    () => [{ labels: {}, value: quarantine.count() }],
  );
  return await createEdge(
    {
      member,
      profile: config.PROFILE === 'live' ? wire.Profile.PROFILE_LIVE : wire.Profile.PROFILE_TEST,
      directory: follower.current,
      refreshDirectory: follower.refresh,
      signer: await loadSigner(config.SIGN_KEY_FILE),
      decrypters: await Promise.all(config.DECRYPT_KEY_FILE.map(loadDecrypter)),
      pseudonymise: await loadPseudonymiser(config.PSEUDONYM_KEY_FILE),
      db,
      bus,
      logger,
      proofDays: config.PROOF_DAYS,
      accessDays: config.ACCESS_DAYS,
      mayTake: createRateLimit(config.REPORT_RATE, () => performance.now()),
      quarantine,
      setAside: createSetAside({ quarantine, isFault, logger, now: Date.now }),
      meter: createMeter(metrics),
      tracing,
      now: Date.now,
      clock: watchClock(Date.now, LIMITS.skewMs),
    },
    {
      httpPort: config.HTTP_PORT,
      httpToken: await readToken(config.HTTP_TOKEN_FILE),
    },
  );
}
