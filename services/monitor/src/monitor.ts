import { type Logger, type Metrics, repeat } from '@entente/runtime';
import type { FollowedLog } from './read-logs-file.js';
import type { MonitorStore } from './store.js';
import { watchLog } from './watch-log.js';

export interface MonitorDeps {
  readonly logs: readonly FollowedLog[];
  readonly store: MonitorStore;
  readonly silenceMs: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: () => number;
}

const LOOK_EVERY_MS = 2000;

/** Run by whoever does not trust a ledger: follows logs where they are shown, and compares. It needs no right but to read. */
export function createMonitor({ logs, store, silenceMs, metrics, logger, now }: MonitorDeps) {
  const watch = {
    ...{ store, now, silenceMs, startedMs: now() },
    onAlarm: ({ origin, kind, detail }: { origin: string; kind: string; detail: string }) =>
      logger.error({ origin, kind, detail }, `ALARM: ${kind}`),
  };
  let looking: (() => Promise<void>) | undefined;
  let hasLooked = false;
  const look = async () => {
    await Promise.all(logs.map((log) => watchLog(watch, log)));
    hasLooked = true;
  };
  const largest = ({ origin }: FollowedLog) => store.seenOf(origin)[0];
  metrics.gauge('monitor_alarms', 'Alarms that nobody has ended.', ['kind'], () => {
    const kinds = store.alarms().map(({ kind }) => kind);
    return [...new Set(kinds)].map((kind) => ({
      labels: { kind },
      value: kinds.filter((one) => one === kind).length,
    }));
  });
  metrics.gauge('monitor_entries', 'Size of each log as it was seen.', ['nation'], () =>
    logs.map((log) => ({ labels: { nation: log.nation }, value: largest(log)?.size ?? 0 })),
  );
  metrics.gauge('monitor_unseen_seconds', 'Since each log was last read.', ['nation'], () =>
    logs.map((log) => ({
      labels: { nation: log.nation },
      value: (now() - (largest(log)?.seenMs ?? watch.startedMs)) / 1000,
    })),
  );
  return {
    needs: () => ({ looked: hasLooked, agreement: store.alarms().length === 0 }),
    alarms: () => ({
      alarms: store.alarms().map(({ atMs, ...alarm }) => ({ at: new Date(atMs).toISOString(), ...alarm })),
    }),
    start: async () => {
      looking = repeat(LOOK_EVERY_MS, look, (error) => logger.warn({ err: error }, 'a look failed'));
    },
    stop: async () => {
      await looking?.();
      store.close();
    },
  };
}
