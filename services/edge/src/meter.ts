import type { Metrics } from '@entente/runtime';
import type { Outcome } from './outbox-row.js';

export type Meter = ReturnType<typeof createMeter>;

/** Of own messages, each counted when it is asked for. */
interface Outbox {
  readonly waiting: () => number;
  readonly late: () => { readonly relay: number; readonly delivery: number; readonly way: number };
  readonly usedUp: () => number;
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
    watch: ({ waiting, late, usedUp }: Outbox): void => {
      metrics.gauge('edge_outbox', 'Own messages without an outcome.', ['which'], () => [
        { labels: { which: 'waiting' }, value: waiting() },
      ]);
      metrics.gauge(
        'edge_evidence_overdue',
        'Own messages whose evidence is late: from the gate of another nation, from the recipient; after delivery, from a gate on the way.',
        ['evidence'],
        () => {
          const { relay, delivery, way } = late();
          return [
            { labels: { evidence: 'relay' }, value: relay },
            { labels: { evidence: 'delivery' }, value: delivery },
            { labels: { evidence: 'way' }, value: way },
          ];
        },
      );
      metrics.gauge(
        'edge_repeats_used_up',
        'Own notices that nobody has acted on, are not given again by themselves, and were not escalated.',
        [],
        () => [{ labels: {}, value: usedUp() }],
      );
    },
  });
}
