import type { Metrics } from '@entente/runtime';

export type Meter = ReturnType<typeof createMeter>;

/** What a ledger counts. */
export function createMeter(metrics: Metrics) {
  const batch = metrics.seconds('ledger_batch_seconds', 'One transaction, checkpoint and image.', []);
  const appended = metrics.counter(
    'ledger_requests_total',
    'Requests answered, an entry made before among them.',
    [],
  );
  const failed = metrics.counter(
    'ledger_failed_total',
    'Requests on which this ledger itself failed, each time that they came.',
    [],
  );
  return Object.freeze({
    failed: (): void => failed({}),
    batch: (requests: number, ms: number): void => {
      batch({}, ms);
      appended({}, requests);
    },
    /** How many entries the log has, how many requests wait, and whether the year is over that its name says. */
    watch: (size: () => number, waiting: () => number, isYearOver: () => boolean): void => {
      metrics.gauge('ledger_entries', 'Size of the log.', [], () => [{ labels: {}, value: size() }]);
      metrics.gauge('ledger_waiting', 'Requests that wait for a batch.', [], () => [
        { labels: {}, value: waiting() },
      ]);
      metrics.gauge('ledger_year_over', '1: the year of the log is over, and it still goes on.', [], () => [
        { labels: {}, value: Number(isYearOver()) },
      ]);
    },
  });
}
