import type { wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { LogSource } from './log-source.js';
import { type LogFault, readLog } from './read-log.js';

/** Entries of one kind, drawn so that each had the same chance. */
export interface Stratum {
  readonly event: string;
  readonly category: string;
  readonly decision: string;
  /** All that there are. */
  readonly of: number;
  readonly drawn: readonly Drawn[];
}

export interface Drawn {
  readonly index: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface Sample {
  readonly strata: readonly Stratum[];
  /** What is wrong with the log: what it hides cannot be drawn. */
  readonly faults: readonly LogFault[];
}

/**
 * Draws up to `size` entries of each event, category and decision (reservoir sampling, algorithm R by Vitter). The same seed
 * over the same log draws the same, so that another auditor can draw it again.
 */
export async function sampleLog(
  source: LogSource,
  { size, seed }: { readonly size: number; readonly seed: number },
): Promise<Sample> {
  const random = seeded(seed);
  const strata = new Map<string, { key: Omit<Stratum, 'of' | 'drawn'>; of: number; drawn: Drawn[] }>();
  const { faults } = await readLog(source, ({ index, record }) => {
    if (!record || record.adoption) return;
    const { id, from, to, facts } = header(record.seal);
    const key = {
      event: record.event,
      category: facts?.category ?? '',
      decision: record.verdict?.decision ?? '',
    };
    const name = Object.values(key).join(' ');
    const stratum = strata.get(name) ?? { key, of: 0, drawn: [] };
    strata.set(name, stratum);
    const place = stratum.of < size ? stratum.of : Math.floor(random() * (stratum.of + 1));
    if (place < size) stratum.drawn[place] = { index, id, from, to };
    stratum.of += 1;
  });
  const drawn = [...strata.values()].map(({ key, of, drawn }) => ({
    ...key,
    of,
    drawn: [...drawn].sort((a, b) => a.index - b.index),
  }));
  return { strata: drawn, faults };
}

function header(seal: Uint8Array): Pick<wire.HeaderFrame, 'id' | 'from' | 'to' | 'facts'> {
  try {
    return readUnverifiedHeader(seal);
  } catch {
    return { id: '', from: '', to: '', facts: null };
  }
}

/** Mulberry32: small, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
