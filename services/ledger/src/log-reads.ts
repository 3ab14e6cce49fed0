import type { LogNotice } from './place-own.js';

export interface Reads {
  readonly now: () => number;
  readonly append: (notice: LogNotice) => Promise<unknown>;
}

interface Gathered {
  fromMs: number;
  toMs: number;
  bundles: number;
  firstBundle: number;
  lastBundle: number;
}

const HOUR_MS = 3_600_000;

/**
 * Auditors' own reads are entries as well: the first one at once, and what the same auditor reads within the hour after it together, when
 * that is over. A crash loses how much was read in that hour, and never that somebody read.
 */
export function createReadLog({ now, append }: Reads) {
  const gathered = new Map<string, Gathered>();
  const say = async (reader: string, reads: Gathered) =>
    await append({ event: 'read', administration: { subject: 'read', reader, ...reads } });
  return {
    /** INVARIANT: on record before the first bundle is handed out. */
    note: async (reader: string, bundle: number): Promise<void> => {
      const nowMs = now();
      const known = gathered.get(reader);
      if (!known) {
        const first = { fromMs: nowMs, toMs: nowMs, bundles: 1, firstBundle: bundle, lastBundle: bundle };
        // Before it is awaited: a second request of the same moment is not a second first one.
        gathered.set(reader, { ...first, bundles: 0 });
        await say(reader, first).catch((error: unknown) => {
          gathered.delete(reader);
          throw error;
        });
        return;
      }
      known.toMs = nowMs;
      known.firstBundle = known.bundles === 0 ? bundle : Math.min(known.firstBundle, bundle);
      known.lastBundle = known.bundles === 0 ? bundle : Math.max(known.lastBundle, bundle);
      known.bundles += 1;
    },
    /** Says what was gathered; call it now and then, and at the end with `all`. */
    flush: async (all = false): Promise<void> => {
      for (const [reader, reads] of gathered) {
        if (!all && now() < reads.fromMs + HOUR_MS) continue;
        if (reads.bundles > 0) await say(reader, reads);
        gathered.delete(reader);
      }
    },
  };
}
