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
  readonly firstMs: number;
  lastMs: number;
  deliveredMs: number | undefined;
  /** Each leg counts once, however often something is said. */
  readonly done: Set<string>;
}

export function createLegCounter(): Counter & { readonly legs: () => Leg[] } {
  const histograms = new Map<string, Histogram>();
  /** By message id: ids are random, and a sender that uses one twice is refused. */
  const ways = new Map<string, Way>();

  const add = (known: Way, leg: Leg['leg'], ms: number) => {
    if (known.done.has(leg)) return;
    known.done.add(leg);
    const key = [leg, known.way, known.to].join('|');
    const histogram = histograms.get(key) ?? createHistogram();
    histograms.set(key, histogram);
    histogram.add(ms);
  };
  const leave = ({ atMs, way, header }: Seen) => {
    if (ways.has(header.id)) return;
    const { id, to: recipient, toRole: to, issuedAtMs } = header;
    const known: Way = {
      ...{ way, to, recipient, firstMs: atMs, lastMs: atMs },
      ...{ deliveredMs: undefined, done: new Set<string>() },
    };
    ways.set(id, known);
    add(known, 'sender to first gate', atMs - issuedAtMs);
  };
  const enter = ({ atMs, header }: Seen) => {
    const known = ways.get(header.id);
    if (!known) return;
    known.lastMs = atMs;
    add(known, 'gate to gate', atMs - known.firstMs);
  };
  const update = ({ atMs, header: { from, facts, inReplyTo } }: Seen) => {
    const known = ways.get(inReplyTo);
    if (!known || from !== known.recipient) return;
    const since = known.deliveredMs ?? known.lastMs;
    add(known, 'delivery to first word', atMs - since);
    if (facts?.update !== 'outcome') return;
    add(known, 'delivery to action', atMs - since);
    add(known, 'first gate to action', atMs - known.firstMs);
  };
  const cross = (seen: Seen) => {
    const { record, header } = seen;
    if (record.verdict?.decision !== 'permit') return;
    if (header.facts?.update) {
      if (record.stage !== 'enter') update(seen);
    } else if (record.stage === 'enter') enter(seen);
    else leave(seen);
  };
  /** The first entry of the recipient's word ends a leg: it is older than the sender's hearing of it. */
  const say = ({ atMs, record, header: { from, statement } }: Seen) => {
    if (record.stage === 'enter') return;
    for (const { messageId } of statement?.about ?? []) {
      const known = ways.get(messageId);
      if (!known || known.recipient !== from) continue;
      if (statement?.evidence === 'delivered') {
        known.deliveredMs ??= atMs;
        add(known, 'last gate to delivery', atMs - known.lastMs);
        add(known, 'first gate to delivery', atMs - known.firstMs);
      } else if (statement?.evidence === 'retrieved')
        add(known, 'delivery to opening', atMs - (known.deliveredMs ?? known.lastMs));
    }
  };

  return {
    see: (seen) => {
      if (seen.record.event === 'crossing') cross(seen);
      else if (seen.record.event === 'evidence') say(seen);
    },
    forget: (beforeMs) => {
      for (const [id, { firstMs }] of ways) if (firstMs < beforeMs) ways.delete(id);
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
