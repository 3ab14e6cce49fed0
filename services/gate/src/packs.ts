import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  agencyKeysOf,
  agencyKidsOf,
  type Directory,
  DirectoryError,
  openPack,
  packFile,
} from '@entente/members';
import { type OpenedPack, openBundle, type Pack } from '@entente/policy';
import { type Logger, NotNow } from '@entente/runtime';
import { archivePack } from './archive.js';
import { LedgerRefusal } from './ledger-client.js';

/** The packs in a folder that their nations' agencies have signed. */
export interface Packs {
  /**
   * What this gate decides by: adopted by an entry, and signed with a key that holds at this moment by the directory of now.
   * @param atMs now, where the record will name it @throws NotNow if there is none
   */
  readonly own: (atMs?: number) => OpenedPack;
  /** What a counterpart's pack will ask is good to know and no more; undefined if it is not known here. */
  readonly foreign: (nation: string) => Pack | undefined;
  /** Looks for a new version; call it every second or so. A pack is decided by once `adopt` has made it an entry. */
  readonly refresh: (adopt: (pack: OpenedPack) => Promise<unknown>) => Promise<void>;
}

export interface PackPlaces {
  readonly nation: string;
  /** Holds `<nation>.pack`, as the agencies sign them. */
  readonly dir: string;
  /** Each pack that was ever decided by is kept here under its hash, for those who replay the log. */
  readonly archiveDir: string;
  readonly directory: () => Directory;
  readonly logger: Logger;
  readonly now: () => number;
}

interface SignedPack extends OpenedPack {
  readonly signed: Uint8Array;
  /** Names of the keys that held then and have signed it. */
  readonly signers: readonly string[];
  /** The directory, and the keys in it that held, when its signature was checked. */
  readonly basis: string;
}

/** What could not be taken is tried again so often: that its key is valid from today changes nothing of a file. */
const TRY_AGAIN_MS = 30_000;

/**
 * Follows a folder of packs, so that a nation changes its rules without a restart. What cannot be believed is told once and not
 * taken; what was taken before goes on, unless the key that signed it was revoked: then nothing is decided until the agency signs again.
 * @throws DirectoryError, PolicyError if this nation's pack cannot be believed or does not validate
 */
export async function followPacks(places: PackPlaces): Promise<Packs> {
  const { nation, dir, directory, logger } = places;
  const taken = new Map<string, SignedPack>();
  const told = new Map<string, string>();
  let seen = '';
  let tryAgainMs = Number.POSITIVE_INFINITY;

  const tell = (about: string, error: unknown) => {
    const words = String(error);
    if (told.get(about) === words) return;
    told.set(about, words);
    const facts = { err: error, nation: about };
    if (about === nation) logger.error(facts, 'ALARM: the pack of this nation cannot be taken');
    else logger.warn(facts, 'the pack of a counterpart cannot be taken');
  };

  const takeOwn = async (adopt: (pack: OpenedPack) => Promise<unknown>) => {
    const before = taken.get(nation);
    const next = await readPack(places, nation, before).catch((error) => tell(nation, error));
    if (!next) return;
    if (!isSame(next.signed, before?.signed)) {
      try {
        await archivePack(places.archiveDir, next);
      } catch (error) {
        return tell(nation, error);
      }
    }
    if (next.pack.sha256 !== before?.pack.sha256) {
      try {
        await adopt(next);
      } catch (error) {
        if (!(error instanceof LedgerRefusal && error.refusal === 'version-goes-back')) throw error;
        return tell(nation, error);
      }
    }
    taken.set(nation, next);
    told.delete(nation);
    if (next.version !== before?.version)
      logger.info({ pack: next.pack.sha256, version: next.version }, 'pack in use');
  };

  const takeForeign = async (other: string) => {
    const next = await readPack(places, other, taken.get(other)).catch((error) => tell(other, error));
    if (!next) return;
    taken.set(other, next);
    told.delete(other);
  };

  const dropRevoked = async () => {
    for (const [of, pack] of taken) {
      // Of thirty nations' packs the signatures take longer than all else that is looked at here.
      const basis = basisOf(places, of);
      if (pack.basis === basis) continue;
      const signers = await signersNow(places, of, pack.signed);
      if (signers.length > 0) {
        taken.set(of, { ...pack, basis, signers });
        continue;
      }
      taken.delete(of);
      if (of === nation)
        logger.error({ nation }, 'ALARM: the key that signed the pack in use does not hold any more');
    }
  };

  await readPack(places, nation, undefined);
  return {
    own: (atMs = places.now()) => {
      const own = taken.get(nation);
      // INVARIANT: a message between the revocation and the next look is not decided by it either: an audit asks the same of each entry.
      const kids = agencyKidsOf(directory(), nation, atMs);
      if (!own?.signers.some((kid) => kids.includes(kid)))
        throw new NotNow(
          `there is no pack of ${nation} to decide by: it is not adopted, or its key is revoked`,
        );
      return own;
    },
    foreign: (other) => taken.get(other)?.pack,
    refresh: async (adopt) => {
      await dropRevoked();
      const { names, print } = await look(dir);
      const state = `${Buffer.from(directory().sha256).toString('hex')}\n${print}`;
      if (state === seen && taken.has(nation) && places.now() < tryAgainMs) return;
      await takeOwn(adopt);
      const others = names.filter((name) => name !== nation);
      for (const other of others) await takeForeign(other);
      for (const about of told.keys()) if (about !== nation && !others.includes(about)) told.delete(about);
      seen = state;
      tryAgainMs = told.size > 0 ? places.now() + TRY_AGAIN_MS : Number.POSITIVE_INFINITY;
    },
  };
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.from(one).equals(other);
}

/** @throws Error if it cannot be read, believed or validated, or goes back behind what was taken */
async function readPack(
  places: PackPlaces,
  nation: string,
  taken: SignedPack | undefined,
): Promise<SignedPack> {
  const { dir, directory, now } = places;
  const basis = basisOf(places, nation);
  const path = join(dir, packFile(nation));
  const signed = await readFile(path).catch((cause: unknown) => {
    throw new Error(`cannot read ${path}. The agency makes it with: entente policy build`, { cause });
  });
  const keys = await agencyKeysOf(directory(), nation, now());
  const { bundle, signers } = await openPack(signed, nation, keys);
  const next = { ...openBundle(bundle, nation), signed, basis, signers };
  if (taken && next.version < taken.version)
    throw new Error(`${path} has version ${next.version}, but ${taken.version} was taken before`);
  if (taken && next.version === taken.version && next.pack.sha256 !== taken.pack.sha256)
    throw new Error(`${path} changed without a new version: build it again with a higher one`);
  return next;
}

/**
 * What the belief in a pack's signature rests on. INVARIANT: taken before the signature is checked: if the directory changes
 * meanwhile, it is checked again.
 */
function basisOf({ directory, now }: PackPlaces, nation: string): string {
  const current = directory();
  const kids = agencyKidsOf(current, nation, now());
  return [Buffer.from(current.sha256).toString('hex'), ...kids].join(' ');
}

/** INVARIANT: a directory that revokes an agency's key ends what this key has signed. @returns none: it is believed no more */
async function signersNow(
  { directory, now }: PackPlaces,
  nation: string,
  signed: Uint8Array,
): Promise<readonly string[]> {
  try {
    return (await openPack(signed, nation, await agencyKeysOf(directory(), nation, now()))).signers;
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return [];
  }
}

async function look(dir: string): Promise<{ readonly names: string[]; readonly print: string }> {
  const files = (await readdir(dir)).filter((name) => /^[a-z]{2}\.pack$/.test(name)).sort();
  const facts = files.map(async (name) => {
    const info = await stat(join(dir, name)).catch(() => undefined);
    return info ? `${name} ${info.size} ${info.mtimeMs} ${info.ctimeMs} ${info.ino}` : '';
  });
  const names = files.map((name) => name.slice(0, 2).toUpperCase());
  return { names, print: (await Promise.all(facts)).join('\n') };
}
