import { MAX_FAULTS, type ReportFault } from './log-fault.js';
import { emptyRoot, merkleRoot } from './merkle.js';
import type { FoundTile } from './read-tile.js';
import type { TileName } from './tile-path.js';
import { CHECKPOINT } from './write-tiles.js';

/** Two claims about the hashes of one tile: what the bundles' entries give, and what the stored level 0 tiles give. */
export interface Claims {
  readonly entries: readonly Uint8Array[];
  readonly tiles: readonly Uint8Array[];
}

/** A file that contradicts a claim about it, with the position of its first difference from each. */
export interface Suspect {
  readonly name: TileName;
  readonly path: string;
  readonly entries: number | undefined;
  readonly tiles: number | undefined;
}

/**
 * Decides which claim is true, and reports the suspects that contradict it. The signed root decides: the claim that
 * leads to it was the log's when it signed. If neither does, every suspect is reported.
 *
 * @param rows the claims about the last, unfilled tile of each level, from level 0
 */
export function judgeSuspects(
  suspects: readonly Suspect[],
  rows: readonly (Claims | undefined)[],
  signedRoot: Uint8Array,
  report: ReportFault,
): void {
  const gives = (claim: keyof Claims) => Buffer.compare(rootOf(rows, claim), signedRoot) === 0;
  const truth = gives('entries') ? 'entries' : gives('tiles') ? 'tiles' : undefined;
  if (truth === undefined) {
    report('root-mismatch', CHECKPOINT, 'The files do not give the root that the log has signed.');
  }
  for (const { name, path, entries, tiles } of suspects) {
    const at = truth === undefined ? (entries ?? tiles) : { entries, tiles }[truth];
    const code = name.level === 'entries' ? 'entry-mismatch' : 'tile-mismatch';
    if (at !== undefined) {
      report(code, path, `The first that differs has the position ${at} in the file, counted from 0.`);
    }
  }
  if (suspects.length > MAX_FAULTS) {
    report('too-many-faults', CHECKPOINT, 'Further files that disagree are not listed.');
  }
}

/** Keeps a file in mind that contradicts a claim; one more than are listed, so that it shows that there were more. */
export function addSuspect(
  suspects: Suspect[],
  name: TileName,
  found: FoundTile | undefined,
  claims: Claims,
): void {
  if (found === undefined || suspects.length > MAX_FAULTS) {
    return;
  }
  const entries = firstDifference(found.hashes, claims.entries);
  const tiles = firstDifference(found.hashes, claims.tiles);
  if (entries !== undefined || tiles !== undefined) {
    suspects.push({ name, path: found.path, entries, tiles });
  }
}

/** The root over the rows: each holds full subtrees, and what the lower rows hold comes after them. */
export function rootOf(rows: readonly (Claims | undefined)[], claim: keyof Claims): Uint8Array {
  let root: Uint8Array | undefined;
  for (const row of rows) {
    const hashes = [...(row?.[claim] ?? []), ...(root === undefined ? [] : [root])];
    root = hashes.length === 0 ? undefined : merkleRoot(hashes);
  }
  return root ?? emptyRoot();
}

/** A file may hold fewer hashes than the claim, as the partial one of an earlier size does. */
function firstDifference(hashes: readonly Uint8Array[], claim: readonly Uint8Array[]): number | undefined {
  const at = hashes.findIndex((hash, i) => Buffer.compare(hash, claim[i] ?? emptyRoot()) !== 0);
  return at === -1 ? undefined : at;
}
