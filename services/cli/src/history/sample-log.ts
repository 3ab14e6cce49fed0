import { randomInt } from 'node:crypto';
import { CATEGORY, DECISION, EVENT } from '@entente/contract';
import { UsageError } from '../usage.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import { knownWord } from './known-word.js';
import type { LogSource } from './log-source.js';
import { type LogFault, type LoggedEntry, type OnProgress, readLog } from './read-log.js';
import { isAdoption } from './take-adoptions.js';

/** Entries of one kind, drawn so that each had the same chance. */
export interface Stratum {
  readonly event: string;
  readonly category: string;
  readonly decision: string;
  /** All that there are. */
  readonly of: number;
  readonly drawn: readonly Drawn[];
}

/** The texts are empty where there is no seal, or none that can be read. */
export interface Drawn {
  readonly index: number;
  readonly caseId: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Hex. */
  readonly messageHash: string;
}

/** With all that it takes to draw it again. */
export interface Sample {
  readonly origin: string;
  readonly seed: number;
  /** The first so many entries of the log, which it was drawn from. */
  readonly first: number;
  /** Of those, hex; empty where they cannot be read. */
  readonly root: string;
  /** How many of them are in no stratum: erased, or not what was logged. With what is erased meanwhile another sample is drawn. */
  readonly withoutRecord: number;
  readonly strata: readonly Stratum[];
  /** What is wrong with the log: what it hides cannot be drawn. */
  readonly faults: readonly LogFault[];
}

/**
 * Draws up to `size` entries of each event, category and decision (reservoir sampling, algorithm R by Vitter). The same seed
 * over the same entries draws the same, so that another auditor can draw it again; without one it is drawn by chance, so that
 * whoever is audited cannot know before what will be looked at.
 *
 * @param options.first of a log that has grown since: the first so many entries
 * @throws UsageError if it has not as many
 */
export async function sampleLog(
  source: LogSource,
  options: { readonly size: number; readonly seed?: number | undefined; readonly first?: number | undefined },
  onProgress?: OnProgress,
): Promise<Sample> {
  const { size, seed = randomInt(SEEDS), first = Number.POSITIVE_INFINITY } = options;
  const random = seeded(seed);
  const strata = new Map<string, { key: Omit<Stratum, 'of' | 'drawn'>; of: number; drawn: Drawn[] }>();
  let withoutRecord = 0;
  let root: Uint8Array | undefined;
  const visit = ({ index, record }: LoggedEntry) => {
    if (index >= first) return;
    if (!record) withoutRecord += 1;
    if (!record || isAdoption(record)) return;
    const { caseId = '', id = '', from = '', to = '', facts = null } = headerIn(record) ?? {};
    const key = {
      event: knownWord(EVENT, record.event),
      category: knownWord(CATEGORY, facts?.category ?? ''),
      decision: knownWord(DECISION, record.verdict?.decision ?? ''),
    };
    const name = Object.values(key).join(' ');
    const stratum = strata.get(name) ?? { key, of: 0, drawn: [] };
    strata.set(name, stratum);
    const place = stratum.of < size ? stratum.of : Math.floor(random() * (stratum.of + 1));
    if (place < size)
      stratum.drawn[place] = { index, caseId, id, from, to, messageHash: hex(record.messageHash) };
    stratum.of += 1;
  };
  const tell = (found: Uint8Array) => {
    root = found;
  };
  const rootAt = options.first === undefined ? undefined : { size: first, tell };
  const read = await readLog(source, visit, { rootAt, onProgress });
  if (options.first !== undefined && first > read.size)
    throw new UsageError(`The log has ${read.size} entries, not ${first}.`);
  return {
    ...{ origin: read.origin, seed, withoutRecord, faults: read.faults },
    ...(rootAt ? { first, root: hex(root) } : { first: read.size, root: read.root }),
    strata: [...strata.values()].map(({ key, of, drawn }) => ({
      ...key,
      of,
      drawn: [...drawn].sort((a, b) => a.index - b.index),
    })),
  };
}

/** A number that can be said over the telephone. */
const SEEDS = 1_000_000_000;

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
