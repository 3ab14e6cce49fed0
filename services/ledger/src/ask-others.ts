import { AuditError, askWithin, type NoteKey, openCheckpoint } from '@entente/audit';

/** What others hold of a log. */
export interface Asked {
  /** Checkpoints that the log has signed, as signed notes. */
  readonly notes: readonly string[];
  /** Places that say nothing that can be believed: nobody answers there, or with something else. */
  readonly silent: readonly string[];
}

const WITHIN_MS = 5000;
const MAX_BYTES = 64 * 1024;
/** Who has answered is asked again so often: a machine that is set back with its memory starts nothing anew. */
const AGAIN_MS = 60_000;

/**
 * Asks monitors and witnesses, `GET <place>/<origin>/largest`, for the largest checkpoint that they hold of a log. Nobody of them is
 * believed: what counts is signed with the log's own key, so that one that lies can neither stop a ledger nor let it go on.
 *
 * @param places addresses
 */
export function askOthers(places: readonly string[], now: () => number) {
  const answeredMs = new Map<string, number>();
  return {
    /** Those who have not answered yet, and those who have some time ago. */
    ask: async (origin: string, key: NoteKey): Promise<Asked> => {
      const due = places.filter((place) => {
        const sinceMs = now() - (answeredMs.get(`${place} ${origin}`) ?? Number.NEGATIVE_INFINITY);
        return sinceMs >= AGAIN_MS || sinceMs < 0;
      });
      const answers = await Promise.all(
        due.map(async (place) => ({ place, note: await largest(place, origin, key) })),
      );
      for (const { place, note } of answers)
        if (note !== 'silent') answeredMs.set(`${place} ${origin}`, now());
      return {
        notes: answers.flatMap(({ note }) => (note === 'silent' || note === undefined ? [] : [note])),
        silent: answers.flatMap(({ place, note }) => (note === 'silent' ? [place] : [])),
      };
    },
  };
}

export type AskOthers = ReturnType<typeof askOthers>;

/** @returns undefined where a place says that it knows none */
async function largest(place: string, origin: string, key: NoteKey): Promise<string | 'silent' | undefined> {
  const url = `${place.replace(/\/+$/, '')}/${encodeURIComponent(origin)}/largest`;
  try {
    const bounds = { withinMs: WITHIN_MS, maxBytes: MAX_BYTES, onlyOf: 200 };
    const { status, body } = await askWithin(url, {}, bounds);
    if (status === 404) return undefined;
    const note = status === 200 ? body?.toString('utf8') : undefined;
    if (note === undefined) return 'silent';
    openCheckpoint(note, key, origin);
    return note;
  } catch (error) {
    if (error instanceof AuditError) return 'silent';
    throw error;
  }
}
