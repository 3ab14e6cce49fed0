import { join } from 'node:path';
import { createLogger, createMetrics, runService, withOperation } from '@entente/runtime';
import { readMonitorConfig } from './config.js';
import { createMonitor } from './monitor.js';
import { readLogsFile } from './read-logs-file.js';
import { openStore } from './store.js';

const logger = createLogger('monitor', 'monitor');

await runService('the monitor', logger, async () => {
  const config = readMonitorConfig(process.env);
  const metrics = createMetrics();
  const monitor = createMonitor({
    logs: readLogsFile(config.LOGS_FILE),
    store: openStore(join(config.DATA_DIR, 'monitor.sqlite')),
    silenceMs: config.SILENCE_MINUTES * 60_000,
    metrics,
    logger,
    now: Date.now,
  });
  return withOperation(monitor, {
    port: config.OPERATION_PORT,
    metrics,
    pages: { '/alarms': monitor.alarms },
  });
});
