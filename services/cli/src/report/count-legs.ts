import { createHistogram, type Durations, type Histogram } from './histogram.js';
import type { Counter, Seen } from './seen.js';

/**
 * How long each part of the way took: from the desk that reports, over the gates, to the desk that acts. It is what the German
 * report on take-downs measures, leg by leg, also where police and not a provider stand at the end.
 */
export type Leg = Durations & {
  readonly leg: (typeof LEGS)[number];
  readonly way: string;
  /** The role in which the recipient acts. */
  readonly to: string;
};

/** In their order on the way; the last is the whole of it. */
export const LEGS = [
  'sender to first gate',
  'gate to gate',
  'last gate to delivery',
  'first gate to delivery',
  'delivery to opening',
  'delivery to first word',
  'delivery to action',
  'first gate to action',
] as const;

interface Way {
  readonly way: string;
  readonly to: string;
  readonly recipient: string;
  /** At its own nation's gate, and at the recipient's; undefined: that log is not read, or it has not got there. */
  readonly firstMs: number | undefined;
  lastMs: number | undefined;
  deliveredMs: number | undefined;
  /** Each leg counts once, however often something is said. */
  readonly done: Set<string>;
}

export function createLegCounter(): Counter & { readonly legs: () => Leg[] } {
  const histograms = new Map<string, Histogram>();
  /** By message id: ids are random, and a sender that uses one twice is refused. */
  const ways = new Map<string, Way>();

  const add = (known: Way, leg: Leg['leg'], fromMs: number | undefined, toMs: number) => {
    if (known.done.has(leg) || fromMs === undefined) return;
    known.done.add(leg);
    const key = [leg, known.way, known.to].join('|');
    const histogram = histograms.get(key) ?? createHistogram();
    histograms.set(key, histogram);
    histogram.add(toMs - fromMs);
  };
  const open = (
    { way, header: { to: recipient, toRole: to } }: Seen,
    atMs: Pick<Way, 'firstMs' | 'lastMs'>,
  ) => ({
    ...{ way, to, recipient, ...atMs },
    ...{ deliveredMs: undefined, done: new Set<string>() },
  });
  const leave = (seen: Seen) => {
    const { atMs, record, header } = seen;
    if (ways.has(header.id) || seen.isLater) return;
    // Inside a nation one gate is both.
    const known: Way = open(seen, { firstMs: atMs, lastMs: record.stage === 'leave' ? undefined : atMs });
    ways.set(header.id, known);
    add(known, 'sender to first gate', header.issuedAtMs, atMs);
  };
  const enter = (seen: Seen) => {
    const { atMs, header, countsHere } = seen;
    const known = ways.get(header.id);
    if (!known) {
      if (countsHere && !seen.isLater) ways.set(header.id, open(seen, { firstMs: undefined, lastMs: atMs }));
      return;
    }
    known.lastMs = atMs;
    add(known, 'gate to gate', known.firstMs, atMs);
  };
  const update = ({ atMs, header: { from, facts, inReplyTo } }: Seen) => {
    const known = ways.get(inReplyTo);
    if (!known || from !== known.recipient) return;
    const since = known.deliveredMs ?? known.lastMs;
    add(known, 'delivery to first word', since, atMs);
    if (facts?.update !== 'outcome') return;
    add(known, 'delivery to action', since, atMs);
    add(known, 'first gate to action', known.firstMs, atMs);
  };
  const cross = (seen: Seen) => {
    const { record, header, countsHere } = seen;
    if (record.verdict?.decision !== 'permit') return;
    if (header.facts?.update) {
      if (countsHere) update(seen);
    } else if (record.stage === 'enter') enter(seen);
    else leave(seen);
  };
  /** The first entry of the recipient's word ends a leg: it is older than the sender's hearing of it. */
  const say = ({ atMs, countsHere, header: { from, statement } }: Seen) => {
    if (!countsHere) return;
    for (const { messageId } of statement?.about ?? []) {
      const known = ways.get(messageId);
      if (!known || known.recipient !== from) continue;
      if (statement?.evidence === 'delivered') {
        known.deliveredMs ??= atMs;
        add(known, 'last gate to delivery', known.lastMs, atMs);
        add(known, 'first gate to delivery', known.firstMs, atMs);
      } else if (statement?.evidence === 'retrieved')
        add(known, 'delivery to opening', known.deliveredMs ?? known.lastMs, atMs);
    }
  };

  return {
    see: (seen) => {
      if (seen.record.event === 'crossing') cross(seen);
      else if (seen.record.event === 'evidence') say(seen);
    },
    forget: (beforeMs) => {
      for (const [id, { firstMs, lastMs = 0 }] of ways) {
        if ((firstMs ?? lastMs) >= beforeMs) break;
        ways.delete(id);
      }
    },
    legs: () =>
      [...histograms]
        .map(([key, histogram]) => {
          const [leg, way = '', to = ''] = key.split('|');
          return { leg: leg as Leg['leg'], way, to, ...histogram.summary() };
        })
        .sort((a, b) => LEGS.indexOf(a.leg) - LEGS.indexOf(b.leg) || b.count - a.count),
  };
}
