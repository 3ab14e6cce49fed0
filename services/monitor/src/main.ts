import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRoots, witnessesOf } from '@entente/audit';
import { followDirectory, loadAnchors } from '@entente/members';
import { createLogger, createMetrics, repeat, runService, withOperation } from '@entente/runtime';
import { type MonitorConfig, NONE, readMonitorConfig } from './config.js';
import { createMonitor } from './monitor.js';
import { openWitness } from './open-witness.js';
import { readLogsFile } from './read-logs-file.js';
import { servePublic } from './serve-public.js';
import { openStore } from './store.js';

const logger = createLogger('monitor', process.env.ENTENTE_NATION ?? '?');

await runService('the monitor', logger, [readMonitorConfig], async (config) => {
  const metrics = createMetrics();
  const logs = await readLogsFile(config.LOGS_FILE);
  const store = openStore(join(config.DATA_DIR, 'monitor.sqlite'));
  const directory = await openDirectory(config);
  const nation = config.NATION === NONE ? undefined : config.NATION;
  const monitor = createMonitor({
    ...{ nation, logs, store, metrics, logger },
    witnesses: directory.witnesses,
    stamping: readStamping(config),
    silenceMs: config.SILENCE_MINUTES * 60_000,
    relayMs: config.RELAY_HOURS * 3_600_000,
    now: Date.now,
  });
  const witness = await openWitness(config, {
    ...{ logs, store, bell: monitor.bell, now: Date.now },
    onFault: (error) =>
      logger.error({ err: error }, 'whether a log has two histories could not be looked into'),
  });
  const open = servePublic({ port: config.PUBLIC_PORT, store, witness, logger });
  const service = {
    needs: monitor.needs,
    start: async () => {
      await open.start();
      await monitor.start();
    },
    stop: async () => {
      await open.stop();
      await directory.stop();
      await monitor.stop();
    },
  };
  return withOperation(service, {
    port: config.OPERATION_PORT,
    logger,
    metrics,
    pages: { '/alarms': monitor.alarms },
    actions: { '/alarms/acknowledge': monitor.acknowledge },
  });
});

function readStamping({ TSA_URL, TSA_ROOTS_FILE, STAMP_MINUTES }: MonitorConfig) {
  if (TSA_URL === NONE || TSA_ROOTS_FILE === NONE) return undefined;
  const roots = readRoots(readFileSync(TSA_ROOTS_FILE, 'utf8'));
  return { url: TSA_URL, roots, everyMs: STAMP_MINUTES * 60_000, newNonce: () => randomBytes(12) };
}

/** Without a directory there are no witnesses. */
async function openDirectory({ DIRECTORY_DIR, ANCHORS_FILE }: MonitorConfig) {
  if (DIRECTORY_DIR === NONE || ANCHORS_FILE === NONE)
    return { witnesses: () => [], stop: async () => undefined };
  const onFault = (fault: unknown) => logger.error({ err: fault }, 'ALARM: the directory cannot be believed');
  const follower = await followDirectory(DIRECTORY_DIR, await loadAnchors(ANCHORS_FILE), {
    now: Date.now,
    onFault,
  });
  return {
    witnesses: () => witnessesOf([...follower.current().nations.values()].map(({ part }) => part)),
    stop: repeat(1000, follower.refresh, onFault),
  };
}
