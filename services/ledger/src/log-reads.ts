import type { LogNotice } from './place-own.js';

export interface Reads {
  readonly now: () => number;
  readonly append: (notice: LogNotice) => Promise<unknown>;
}

interface Counted {
  fromMs: number;
  toMs: number;
  bundles: number;
  firstBundle: number;
  lastBundle: number;
}

interface Gathered extends Counted {
  /** Settled once it is on record that somebody reads. */
  readonly said: Promise<unknown>;
}

const HOUR_MS = 3_600_000;

/**
 * Auditors' own reads are entries as well: the first one at once, and what the same auditor reads within the hour after it together, when
 * that is over. A crash loses how much was read in that hour, and never that somebody read.
 */
export function createReadLog({ now, append }: Reads) {
  const gathered = new Map<string, Gathered>();
  const say = async (reader: string, { fromMs, toMs, bundles, firstBundle, lastBundle }: Counted) => {
    const reads = { fromMs, toMs, bundles, firstBundle, lastBundle };
    await append({ event: 'read', administration: { subject: 'read', reader, ...reads } });
  };
  const begin = async (reader: string, bundle: number): Promise<void> => {
    const nowMs = now();
    const first = { fromMs: nowMs, toMs: nowMs, bundles: 1, firstBundle: bundle, lastBundle: bundle };
    const said = say(reader, first);
    // Before it is awaited: a second request of the same moment is not a second first one.
    const own = { ...first, bundles: 0, said };
    gathered.set(reader, own);
    await said.catch((error: unknown) => {
      // What an hour before it holds, and could not be put on record either, may have taken its place.
      if (gathered.get(reader) === own) gathered.delete(reader);
      throw error;
    });
  };
  /** INVARIANT: on record before the first bundle is handed out, also to who asks while that is written. */
  const note = async (reader: string, bundle: number): Promise<void> => {
    const known = gathered.get(reader);
    if (!known) return await begin(reader, bundle);
    await known.said;
    // Its hour may have ended meanwhile.
    if (gathered.get(reader) !== known) return await note(reader, bundle);
    count(known, { fromMs: known.fromMs, toMs: now(), bundles: 1, firstBundle: bundle, lastBundle: bundle });
  };
  return {
    note,
    /** Says what was gathered; call it now and then, and at the end with `all`. */
    flush: async (all = false): Promise<void> => {
      for (const [reader, reads] of gathered) {
        if (!all && now() < reads.fromMs + HOUR_MS) continue;
        // What is read while this is written is of the next hour.
        gathered.delete(reader);
        if (reads.bundles === 0) continue;
        await say(reader, reads).catch((error: unknown) => {
          const next = gathered.get(reader);
          if (next) count(reads, next);
          gathered.set(reader, reads);
          throw error;
        });
      }
    },
  };
}

function count(known: Counted, { toMs, bundles, firstBundle, lastBundle }: Counted): void {
  if (bundles === 0) return;
  known.toMs = toMs;
  known.firstBundle = known.bundles === 0 ? firstBundle : Math.min(known.firstBundle, firstBundle);
  known.lastBundle = known.bundles === 0 ? lastBundle : Math.max(known.lastBundle, lastBundle);
  known.bundles += bundles;
}
