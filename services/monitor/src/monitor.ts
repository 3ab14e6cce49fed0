import { type Action, type Logger, type Metrics, repeat } from '@entente/runtime';
import { acknowledge } from './acknowledge.js';
import type { RaisedAlarm } from './alarm-store.js';
import { compareNations, readNations } from './compare-nations.js';
import { type Feed, feedWitnesses } from './feed-witnesses.js';
import { type Following, followCrossings } from './follow-crossings.js';
import type { FollowedLog } from './read-logs-file.js';
import { type Stamping, stampLog } from './stamp-log.js';
import type { MonitorStore } from './store.js';
import { type Watch, watchLog } from './watch-log.js';

export interface MonitorDeps {
  /** Whose monitor it is: witnesses are asked about this nation's logs. Undefined: nobody's, and none are asked. */
  readonly nation: string | undefined;
  readonly logs: readonly FollowedLog[];
  readonly store: MonitorStore;
  readonly witnesses: Feed['witnesses'];
  /** Undefined: no time stamps are asked for. */
  readonly stamping: Pick<Stamping, 'url' | 'roots' | 'everyMs' | 'newNonce'> | undefined;
  readonly silenceMs: number;
  readonly relayMs: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: () => number;
}

const LOOK_EVERY_MS = 2000;

/** Run by whoever does not trust a ledger: follows logs where they are shown, and compares. It needs no right but to read. */
export function createMonitor({
  nation,
  logs,
  store,
  witnesses,
  stamping,
  silenceMs,
  relayMs,
  metrics,
  logger,
  now,
}: MonitorDeps) {
  const bell = {
    ...{ store, now, silenceMs, startedMs: now() },
    onAlarm: ({ origin, kind, detail }: { origin: string; kind: string; detail: string }) =>
      logger.error({ origin, kind, detail }, `ALARM: ${kind}`),
  };
  const watch: Watch = { ...bell, pinned: new Set() };
  const feed: Feed = { ...bell, witnesses, known: new Map() };
  const stamps: Stamping | undefined = stamping && { ...bell, ...stamping, missing: new Map() };
  const read = readNations(logs);
  const following: Following = { ...bell, relayMs, isRead: (one) => read.has(one), reading: new Map() };
  const own = logs.filter((log) => log.nation === nation);
  const stops: (() => Promise<void>)[] = [];
  let hasLooked = false;
  const look = async () => {
    await Promise.all(logs.map((log) => watchLog(watch, log)));
    hasLooked = true;
  };
  const every = (what: string, work: () => Promise<void>) =>
    stops.push(
      repeat(LOOK_EVERY_MS, work, (error) =>
        logger.warn({ err: error }, `${what} failed, and is tried again`),
      ),
    );
  watchMetrics(metrics, { logs, store, now, startedMs: bell.startedMs });
  return {
    needs: () => ({ looked: hasLooked, agreement: !store.countAlarms().some(({ isOpen }) => isOpen) }),
    /** `?alarm=7`: that one alone, with all its evidence. */
    alarms: (query: URLSearchParams) => {
      const id = query.get('alarm');
      const alarms = id === null ? store.alarms() : [store.alarm(Number(id))].flatMap((one) => one ?? []);
      return { alarms: alarms.map(viewOf) };
    },
    acknowledge: {
      run: (asked) => {
        const done = acknowledge(store, now(), asked);
        logger.info({ alarm: done.alarm }, 'an alarm was acknowledged');
        return done;
      },
    } satisfies Action,
    bell,
    start: async () => {
      every('a look', look);
      // Apart from the looks: a witness that keeps others waiting must not hide a fork.
      every('asking witnesses', async () => {
        await Promise.all(own.map((log) => feedWitnesses(feed, log)));
      });
      // Each log for itself: a ledger that answers slowly, or has much to show, keeps no other's records from being read.
      for (const log of logs)
        every(`reading the records of ${log.origin}`, () => followCrossings(following, log));
      every('comparing nations', async () => compareNations({ ...bell, relayMs }, logs));
      if (stamps)
        every('asking for time stamps', async () => {
          for (const log of own) await stampLog(stamps, log);
        });
    },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
      store.close();
    },
  };
}

function viewOf({ atMs, acknowledged, ...alarm }: RaisedAlarm) {
  const at = new Date(atMs).toISOString();
  if (!acknowledged) return { at, ...alarm, acknowledged };
  const { by, why, atMs: ackedMs } = acknowledged;
  return { at, ...alarm, acknowledged: { at: new Date(ackedMs).toISOString(), by, why } };
}

function watchMetrics(
  metrics: Metrics,
  {
    logs,
    store,
    now,
    startedMs,
  }: Pick<MonitorDeps, 'logs' | 'store' | 'now'> & { readonly startedMs: number },
): void {
  const largest = ({ origin }: FollowedLog) => store.seenOf(origin)[0];
  metrics.gauge(
    'monitor_alarms',
    'Alarms: open, and those that somebody has looked into.',
    ['kind', 'state'],
    () =>
      store.countAlarms().map(({ kind, isOpen, count }) => ({
        labels: { kind, state: isOpen ? 'open' : 'acknowledged' },
        value: count,
      })),
  );
  metrics.gauge('monitor_entries', 'Size of each log as it was seen.', ['nation'], () =>
    logs.map((log) => ({ labels: { nation: log.nation }, value: largest(log)?.size ?? 0 })),
  );
  metrics.gauge(
    'monitor_unseen_seconds',
    'Since each log was last read; after a start, until it is read, since it last changed.',
    ['nation'],
    () =>
      logs.map((log) => ({
        labels: { nation: log.nation },
        value: (now() - (largest(log)?.seenMs ?? startedMs)) / 1000,
      })),
  );
  metrics.gauge(
    'monitor_cosigned_entries',
    'Size of each log as other nations have cosigned it.',
    ['nation'],
    () =>
      logs.flatMap(({ nation, origin }) => {
        const cosigned = store.attested(origin);
        return cosigned ? [{ labels: { nation }, value: cosigned.size }] : [];
      }),
  );
  metrics.gauge('monitor_stamped_entries', 'Size of each log as it was stamped last.', ['nation'], () =>
    logs.flatMap(({ nation, origin }) => {
      const stamped = store.lastStamped(origin);
      return stamped ? [{ labels: { nation }, value: stamped.size }] : [];
    }),
  );
  metrics.gauge(
    'monitor_compared_entries',
    'How far each log was compared with the others.',
    ['nation'],
    () =>
      logs
        .filter(({ token }) => token !== undefined)
        .map(({ nation, origin }) => ({ labels: { nation }, value: store.crossings.progress(origin).size })),
  );
}
