import type { wire } from '@entente/contract';
import type { Span } from '@entente/members';
import {
  checkDirectoryAdoption,
  checkPackAdoption,
  type PackAdoption,
  packAdoption,
  spansOfAdopted,
} from './check-adoption.js';
import type { FindDirectory } from './find-directory.js';
import { hex } from './hex.js';
import type { LogFault } from './read-log.js';

/** What is known of the adoptions before. */
export interface SavedAdoptions {
  /** The directory that was adopted last, in hex; empty before the first. */
  readonly directory: string;
  /** Adopted before any directory was: nothing can be decided by them until one is. */
  readonly waiting: readonly PackAdoption[];
  /** Adopted last, if nothing spoke against that. */
  readonly pack: PackAdoption | null;
}

interface Places {
  readonly archive: readonly string[];
  readonly findDirectory: Promise<FindDirectory>;
  readonly report: (...faults: readonly LogFault[]) => void;
}

/** Takes the adoptions of one log in their order, and says of each entry whether it could be decided by what was adopted. */
export function createAdoptions({ archive, findDirectory, report }: Places, saved?: SavedAdoptions) {
  let directory = saved?.directory ?? '';
  const waiting = [...(saved?.waiting ?? [])];
  let pack = saved?.pack ?? null;
  /** When it may be decided by under that directory. Not kept: its agency may have signed it again since. */
  let spans: readonly Span[] | null | undefined = pack ? undefined : null;

  const directoryAt = async (timeMs: number) => (await findDirectory)(directory, timeMs);
  const findSpans = async (timeMs: number): Promise<void> => {
    spans = pack && (await spansOfAdopted(pack, await directoryAt(timeMs), archive));
  };

  return {
    /** Few and far between; the packs of one directory are asked about under it. */
    take: async (index: number, timeMs: number, record: wire.RecordFrame): Promise<void> => {
      if (record.event === 'adopt-pack') waiting.push(packAdoption(index, timeMs, record));
      else directory = hex(record.adoption?.sha256);
      if (directory === '') return;
      const current = await directoryAt(timeMs);
      if (record.event === 'adopt-directory') report(...checkDirectoryAdoption(index, current, record));
      for (const next of waiting.splice(0)) {
        const found = await checkPackAdoption(next, current, archive);
        report(...found);
        pack = found.length > 0 ? null : next;
      }
      await findSpans(timeMs);
    },
    /** What has to be waited for before `check`, which is nearly always nothing. */
    ready: (timeMs: number): Promise<void> | undefined =>
      spans === undefined ? findSpans(timeMs) : undefined,
    /**
     * INVARIANT: a gate decides under the directory that was adopted last, and by no pack whose signatures are all of keys that do not hold
     * by it.
     */
    check: (
      index: number,
      { decidedAtMs, directorySha256 }: Pick<wire.RecordFrame, 'decidedAtMs' | 'directorySha256'>,
    ): void => {
      const under = hex(directorySha256);
      if (under !== directory) {
        const words = `decided under ${under.slice(0, 16)}…, which was not adopted last`;
        report({ index, code: 'directory-not-adopted', detail: words });
      }
      if (!spans || spans.some(({ fromMs, untilMs }) => fromMs <= decidedAtMs && decidedAtMs < untilMs))
        return;
      const detail =
        'no key that has signed the pack was valid then by the directory: it was revoked, or is of another time';
      report({ index, code: 'pack-key-not-valid', detail });
    },
    save: (): SavedAdoptions => ({ directory, waiting: [...waiting], pack }),
  };
}

export function isAdoption({ event }: Pick<wire.RecordFrame, 'event'>): boolean {
  return event === 'adopt-directory' || event === 'adopt-pack';
}
