import { join } from 'node:path';
import { parseAuditors } from '@entente/audit';
import { inboxPrefix, openBus } from '@entente/bus';
import { LIMITS } from '@entente/contract';
import {
  createLogger,
  createMetrics,
  type Metrics,
  openTracing,
  readTracing,
  runService,
  type Tracing,
  watchClock,
  withOperation,
  withTurn,
} from '@entente/runtime';
import { loadSigner, readSecretFile } from '@entente/seal';
import { askOthers } from './ask-others.js';
import { readLedgerConfig } from './config.js';
import { confirmClock } from './confirm-clock.js';
import { createLedger } from './ledger.js';
import { createMeter } from './meter.js';
import { serveLog } from './serve-log.js';

const logger = createLogger('ledger', process.env.ENTENTE_NATION ?? '?');

await runService('the ledger', logger, [readLedgerConfig, readTracing], async (config, traced) => {
  const metrics = createMetrics();
  const about = { service: 'ledger', owner: config.NATION, logger, metrics };
  const tracing = await openTracing(traced, about);
  // INVARIANT: one process writes a nation's log. A second one waits, and opens nothing before.
  const service = withTurn({ file: join(config.DATA_DIR, 'ledger.lock'), logger }, () =>
    openLedger(config, metrics, tracing),
  );
  return withOperation(service, { port: config.OPERATION_PORT, logger, metrics, tracing });
});

async function openLedger(config: ReturnType<typeof readLedgerConfig>, metrics: Metrics, tracing: Tracing) {
  const bus = await openBus({
    servers: config.NATS_URL,
    name: `ledger ${config.NATION}`,
    live: config.PROFILE === 'live',
    seed: (await readSecretFile(config.NKEY_FILE)).trim(),
    inboxPrefix: inboxPrefix('ledger'),
    onStatus: (event) => logger.info({ event }, 'bus'),
  });
  const watch = watchClock(Date.now, LIMITS.skewMs);
  watch.tell(Date.now());
  const auditors = parseAuditors(await readSecretFile(config.AUDITOR_TOKEN_FILE));
  const ledger = createLedger({
    nation: config.NATION,
    origin: config.ORIGIN,
    dataDir: config.DATA_DIR,
    retentionDays: config.RETENTION_DAYS,
    logRetentionDays: config.LOG_RETENTION_DAYS,
    auditors: auditors.named,
    loadKey: loadSigner,
    signer: await loadSigner(config.KEY_FILE),
    bus,
    logger,
    meter: createMeter(metrics),
    tracing,
    now: Date.now,
    clock: confirmClock(watch),
    others: askOthers(config.MONITOR_URLS, Date.now),
  });
  const files = serveLog({
    dataDir: config.DATA_DIR,
    origin: config.ORIGIN,
    port: config.LOG_PORT,
    findAuditor: auditors.find,
    onRead: ledger.noteRead,
    readRecords: ledger.readRecords,
    archiveDir: config.ARCHIVE_DIR,
    onFault: (error) => logger.error({ err: error }, 'a read could not be answered'),
  });
  return {
    needs: ledger.needs,
    start: async () => {
      await ledger.start();
      await files.start();
    },
    stop: async () => {
      await files.stop();
      await ledger.stop();
    },
  };
}
