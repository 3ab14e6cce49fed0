import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { importPublicKey, type PublicKey } from '@entente/seal';
import type { Anchors } from './anchors.js';
import { createDirectory, createNation, type Directory, type Nation } from './directory.js';
import { DirectoryError } from './error.js';
import { openList, openPart } from './signed-part.js';

export const LIST_FILE = 'nations.list';

export function partFile(nation: string): string {
  return `${nation.toLowerCase()}.part`;
}

export function packFile(nation: string): string {
  return `${nation.toLowerCase()}.pack`;
}

/** In the archive: what the agency has signed as this version; the same rules may be signed again, as a later one. */
export function signedPackFile(sha256: string, version: number): string {
  return `${sha256}.${version}.pack`;
}

/** What must not go down: the version of each part that was seen before; the list's own under `nations`. */
export type Floor = ReadonlyMap<string, number>;

export interface LoadedDirectory {
  readonly directory: Directory;
  /** Parts that were left out or kept in their last good version, each with the reason. */
  readonly faults: readonly DirectoryError[];
}

/** Where the files of a directory are read from. What cannot be read, throws. */
export interface DirectoryFiles {
  readonly list: () => Promise<Uint8Array>;
  readonly part: (nation: string) => Promise<Uint8Array>;
}

export interface LoadOptions {
  readonly nowMs: number;
  readonly floor?: Floor;
  readonly previous?: Directory;
}

/** Reads and checks a directory's folder. @throws DirectoryError those of `openDirectory` */
export async function loadDirectory(
  dir: string,
  anchors: Anchors,
  options: LoadOptions,
): Promise<LoadedDirectory> {
  const files = {
    list: async () => await readFile(join(dir, LIST_FILE)),
    part: async (nation: string) => await readFile(join(dir, partFile(nation))),
  };
  return await openDirectory(files, anchors, options);
}

/**
 * Checks a directory. A part that cannot be believed stops its own nation only: its last good version (from `previous`) is
 * kept if the list still trusts who signed it, else the nation is absent.
 * @throws DirectoryError `list-unreadable`, `list-not-trusted`, `list-expired`, `version-goes-back`
 */
export async function openDirectory(
  files: DirectoryFiles,
  anchors: Anchors,
  options: LoadOptions,
): Promise<LoadedDirectory> {
  const floor = floorOf(options.floor, options.previous);
  const listBytes = await files.list().catch((cause: unknown) => {
    throw new DirectoryError(
      'list-unreadable',
      `cannot read ${LIST_FILE}: ${String(cause)}. It lies in the folder of the directory, and is made with: entente directory sign-list`,
      cause,
    );
  });
  const list = await openList(listBytes, anchors.keys, anchors.threshold);
  checkList(list, anchors, floor, options);
  const nations = new Map<string, Nation>();
  const faults: DirectoryError[] = [];
  for (const agency of list.agencies) {
    try {
      nations.set(agency.nation, await loadNation(files, agency, floor, options));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      faults.push(error);
      const kept = options.previous?.nations.get(agency.nation);
      if (kept && (await isStillTrusted(kept, agency, options.nowMs))) nations.set(agency.nation, kept);
    }
  }
  return { directory: createDirectory(list, listBytes, nations), faults };
}

function checkList(
  list: wire.NationListFrame,
  anchors: Anchors,
  floor: Floor,
  { nowMs, previous }: { readonly nowMs: number; readonly previous?: Directory },
): void {
  if (list.network !== anchors.network) {
    throw new DirectoryError(
      'list-not-trusted',
      `the list is for the network "${list.network}", the anchors are for "${anchors.network}".`,
    );
  }
  if (list.version < (floor.get('nations') ?? 0)) {
    throw new DirectoryError(
      'version-goes-back',
      `the list of nations has version ${list.version}, but ${floor.get('nations')} was seen before.`,
    );
  }
  if (previous?.list.version === list.version && !sameList(previous.list, list)) {
    throw new DirectoryError(
      'version-goes-back',
      'the list of nations changed without a new version: two histories of the network exist.',
    );
  }
  const codes = list.agencies.map(({ nation }) => nation);
  const wrong = codes.find((code, at) => !NATION.test(code) || codes.indexOf(code) !== at);
  if (wrong !== undefined) {
    throw new DirectoryError(
      'list-not-trusted',
      `the list names "${wrong}", which is no nation or is twice.`,
    );
  }
  if (nowMs >= list.validUntilMs) {
    throw new DirectoryError(
      'list-expired',
      'the list of nations is expired. Get the current one from any national agency.',
    );
  }
}

// A nation's code becomes the name of a file.
const NATION = /^[A-Z]{2}$/;

/** The content, not the signatures: an anchor may add its own later. */
function sameList(a: wire.NationListFrame, b: wire.NationListFrame): boolean {
  return Buffer.from(wire.nationList.encode(a)).equals(wire.nationList.encode(b));
}

/** INVARIANT: a list that revokes an agency's key ends what this key has signed, also where nothing newer can be had. */
async function isStillTrusted(
  kept: Nation,
  agency: wire.NationListFrame['agencies'][number],
  nowMs: number,
): Promise<boolean> {
  try {
    await openPart(kept.bytes, agency.nation, await agencyKeys(agency, nowMs));
    return true;
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return false;
  }
}

async function loadNation(
  files: DirectoryFiles,
  agency: wire.NationListFrame['agencies'][number],
  floor: Floor,
  { nowMs, previous }: { readonly nowMs: number; readonly previous?: Directory },
): Promise<Nation> {
  const path = partFile(agency.nation);
  const bytes = await files.part(agency.nation).catch((cause: unknown) => {
    throw new DirectoryError('nation-unknown', `cannot read ${path}: ${String(cause)}`, cause);
  });
  const part = await openPart(bytes, agency.nation, await agencyKeys(agency, nowMs));
  if (part.nation !== agency.nation)
    throw new DirectoryError('part-malformed', `${path} is the part of ${part.nation}.`);
  const seen = floor.get(part.nation) ?? 0;
  if (part.version < seen) {
    throw new DirectoryError(
      'version-goes-back',
      `${path} has version ${part.version}, but ${seen} was seen before.`,
    );
  }
  const nation = await createNation(part, bytes);
  const before = previous?.nations.get(part.nation);
  if (before && before.part.version === part.version && before.sha256 !== nation.sha256) {
    throw new DirectoryError(
      'version-goes-back',
      `${path} changed without a new version: two histories of ${part.nation} exist.`,
    );
  }
  return nation;
}

/**
 * The keys with which a nation's agency may sign at this time.
 * @throws DirectoryError `nation-unknown`, `part-not-trusted`
 */
export async function agencyKeysOf(
  { list }: Directory,
  nation: string,
  nowMs: number,
): Promise<ReadonlyMap<string, PublicKey>> {
  const agency = list.agencies.find((one) => one.nation === nation);
  if (!agency) throw new DirectoryError('nation-unknown', `the list of nations does not name ${nation}`);
  return await agencyKeys(agency, nowMs);
}

/**
 * The names of those keys. As long as the directory is the same, and these are, what was believed of what the agency has signed is
 * believed still: asking this costs nothing beside checking a signature.
 */
export function agencyKidsOf({ list }: Directory, nation: string, nowMs: number): string[] {
  const agency = list.agencies.find((one) => one.nation === nation);
  return (agency?.keys ?? []).flatMap((stated) => (holds(stated, nowMs) ? [stated.kid] : []));
}

async function agencyKeys(
  agency: wire.NationListFrame['agencies'][number],
  nowMs: number,
): Promise<Map<string, PublicKey>> {
  const keys = new Map<string, PublicKey>();
  for (const stated of agency.keys) {
    if (holds(stated, nowMs)) keys.set(stated.kid, await importAgencyKey(agency.nation, stated));
  }
  return keys;
}

function holds({ revokedAtMs, validFromMs, validUntilMs }: wire.PublicKeyFrame, nowMs: number): boolean {
  const isRevoked = revokedAtMs !== 0 && revokedAtMs <= nowMs;
  return !isRevoked && validFromMs <= nowMs && nowMs < validUntilMs;
}

/** A key that the list states wrongly is that nation's trouble alone. */
async function importAgencyKey(nation: string, stated: wire.PublicKeyFrame): Promise<PublicKey> {
  return await importPublicKey(stated.jwk, stated).catch((cause: unknown) => {
    throw new DirectoryError(
      'part-not-trusted',
      `the list states a key of the agency of ${nation} that cannot be used: ${String(cause)}`,
      cause,
    );
  });
}

function floorOf(floor: Floor | undefined, previous: Directory | undefined): Floor {
  const merged = new Map(floor ?? []);
  for (const { part, version } of previous?.versions ?? [])
    merged.set(part, Math.max(version, merged.get(part) ?? 0));
  return merged;
}
