import type { Metrics } from '@entente/runtime';
import type { Outcome } from './outbox-row.js';

export type Meter = ReturnType<typeof createMeter>;

interface Waiting {
  readonly waiting: number;
  readonly overdue: number;
}

/** What an edge counts: words of closed lists, and no case. */
export function createMeter(metrics: Metrics) {
  const outcomes = metrics.counter('edge_outcomes_total', 'Own messages that came to an outcome.', [
    'outcome',
    'code',
  ]);
  const delivery = metrics.seconds('edge_delivery_seconds', 'From "accepted" to evidence of delivery.', []);
  const received = metrics.counter('edge_received_total', 'Messages received and kept.', [
    'category',
    'update',
  ]);
  const refused = metrics.counter('edge_refused_total', 'Deliveries that were not accepted.', ['code']);
  return Object.freeze({
    ended: (outcome: Outcome, code: string, ms: number): void => {
      outcomes({ outcome, code });
      if (outcome === 'delivered') delivery({}, ms);
    },
    received: (category: string, update: string): void => received({ category, update }),
    refused: (code: string): void => refused({ code }),
    watch: (read: () => Waiting): void => {
      metrics.gauge(
        'edge_outbox',
        'Own messages without an outcome: all, and those whose evidence is overdue.',
        ['which'],
        () => {
          const { waiting, overdue } = read();
          return [
            { labels: { which: 'waiting' }, value: waiting },
            { labels: { which: 'overdue' }, value: overdue },
          ];
        },
      );
    },
  });
}
