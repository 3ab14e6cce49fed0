import type { Stage } from '@entente/contract';
import type { Metrics } from '@entente/runtime';
import type { Logged } from './state.js';

export type Meter = ReturnType<typeof createMeter>;

/** Where it came from. */
export type Queue = 'emergency' | 'member' | 'nation-emergency' | 'nation';

/** What a gate counts. Rule ids and codes are of the pack and of a closed list; nothing that a sender chose is a label. */
export function createMeter(metrics: Metrics) {
  const decisions = metrics.counter('gate_decisions_total', 'Entries acted on, by what they say.', [
    'stage',
    'event',
    'decision',
    'rule',
  ]);
  const age = metrics.seconds('gate_age_seconds', 'From issue by the sender to the entry of this gate.', [
    'stage',
  ]);
  const handled = metrics.seconds('gate_handling_seconds', 'From the queue to done, for one message.', [
    'queue',
  ]);
  const dropped = metrics.counter('gate_dropped_total', 'Refused, and not on record.', ['queue', 'code']);
  const deferred = metrics.counter(
    'gate_deferred_total',
    'Put off, or a question answered as busy, because its member or nation has its share in hand.',
    [],
  );
  return Object.freeze({
    logged: (stage: Stage, issuedAtMs: number, { record, leaf }: Logged): void => {
      const { decision = '', code = '', rules = [] } = record.verdict ?? {};
      decisions({ stage, event: record.event, decision, rule: rules[0]?.id ?? code });
      age({ stage }, leaf.timeMs - issuedAtMs);
    },
    handled: (queue: Queue, ms: number): void => handled({ queue }, ms),
    dropped: (queue: 'member' | 'nation', code: string): void => dropped({ queue, code }),
    deferred: (): void => deferred({}),
  });
}
