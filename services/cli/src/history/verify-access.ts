import { appendLeaves, emptyRoot, HASH_BYTES, leafHash, type ReadNode } from '@entente/audit';
import { commitmentOf } from '@entente/seal';
import type { LoggedAnchor } from './check-anchor.js';

/** An entry of a member's access log, as its edge hands it over. */
export interface AccessEntryBytes {
  readonly index: number;
  /** JSON, to the byte what the tree commits to; empty: it is erased. */
  readonly entry: string;
  /** 16 bytes, or empty. */
  readonly salt: Uint8Array;
  /** Of one that is erased: what is left of it in the tree. */
  readonly leaf?: Uint8Array;
}

export interface AccessFinding {
  readonly code:
    | 'entry-missing'
    | 'entries-missing'
    | 'entry-changed'
    | 'head-differs'
    | 'not-anchored'
    | 'anchor-missing'
    | 'erased-without-entry'
    | 'erased-early';
  readonly detail: string;
}

export interface VerifiedAccess {
  readonly size: number;
  /** Entries that an anchor in the nation's log covers: nobody can change them any more without being found. */
  readonly anchored: number;
  readonly anchors: number;
  /** Entries whose time was over. */
  readonly erased: number;
  readonly findings: readonly AccessFinding[];
}

/** What went on record, and when. */
export interface DatedAnchor extends LoggedAnchor {
  readonly atMs: number;
}

/**
 * Compares a member's own log of accesses with what went on record of it. Whoever can write the edge's database controls the entries and
 * the head; it does not control the anchors, which are in the nation's log under the member's seal.
 * @param anchors of this member, in the order of the nation's log
 * @param nowMs by when the days that are over have to be on record
 */
export function verifyAccess(
  entries: readonly AccessEntryBytes[],
  head: LoggedAnchor,
  anchors: readonly DatedAnchor[],
  nowMs: number,
): VerifiedAccess {
  const findings: AccessFinding[] = [];
  const find = (code: AccessFinding['code'], detail: string) => void findings.push({ code, detail });
  const stray = entries.findIndex(({ index }, i) => index !== i);
  if (stray >= 0) find('entry-missing', `entry ${stray} is not there`);
  const roots = rootsAt(entries, new Set([...anchors.map(({ size }) => size), head.size]));
  let anchored = 0;
  for (const { size, root } of [...anchors].sort((a, b) => a.size - b.size)) {
    const found = roots.get(size);
    if (!found) find('entries-missing', `${size} entries went on record, and ${entries.length} are here`);
    else if (found.equals(root)) anchored = size;
    else find('entry-changed', `an entry from ${anchored} to ${size - 1} is not what went on record`);
  }
  if (!roots.get(head.size)?.equals(head.root))
    find('head-differs', 'the entries are not those of which the edge itself keeps the sum');
  if (anchors.length === 0 && entries.length > 0)
    find(
      'not-anchored',
      'nothing of this log is on record in the log of the nation yet: it goes there when the day is over, or now with "entente access anchor"',
    );
  const late = entries
    .slice(Math.max(0, ...anchors.map(({ size }) => size)))
    .find((one) => isDayOver(one, nowMs));
  if (late)
    find('anchor-missing', `entry ${late.index} is of a day that is over, and that day did not go on record`);
  const gone = entries.filter(({ entry }) => entry === '');
  findings.push(...findErased(entries, gone, anchors));
  return { size: entries.length, anchored, anchors: anchors.length, erased: gone.length, findings };
}

/** An hour is for a gate that cannot be reached at midnight. */
const GRACE_MS = 3_600_000;
const DAY_MS = 86_400_000;

function isDayOver({ entry }: AccessEntryBytes, nowMs: number): boolean {
  const atMs = timeOf(entry);
  return atMs !== undefined && (Math.floor(atMs / DAY_MS) + 1) * DAY_MS + GRACE_MS < nowMs;
}

/** What is not on record yet may be anything. */
function timeOf(entry: string): number | undefined {
  try {
    const { at_ms: atMs } = JSON.parse(entry) as { readonly at_ms?: unknown };
    return typeof atMs === 'number' ? atMs : undefined;
  } catch {
    return undefined;
  }
}

/** No edge can be set to keep an entry for less. */
const FEWEST_DAYS = 365;

/**
 * What went has an entry of this log that names it, and is as old as an edge keeps entries at the least. That it is so old is shown by the log of
 * the nation, which had an anchor over all before it: whoever writes the edge's database cannot date that back.
 */
function findErased(
  entries: readonly AccessEntryBytes[],
  gone: readonly AccessEntryBytes[],
  anchors: readonly DatedAnchor[],
): AccessFinding[] {
  // Each once, in their order: there may be a million, and what stands in what is not on record may be anything.
  const said = entries.flatMap(({ entry }) => rangesIn(entry)).sort((a, b) => a.first - b.first);
  const bySize = [...anchors].sort((a, b) => a.size - b.size);
  const findings: AccessFinding[] = [];
  let [at, afterMs] = [0, Number.NEGATIVE_INFINITY];
  let [range, widest] = [0, undefined as (typeof said)[number] | undefined];
  for (const { index } of gone) {
    for (let next = bySize[at]; next && next.size <= index; next = bySize[at]) {
      afterMs = next.atMs;
      at += 1;
    }
    for (let next = said[range]; next && next.first <= index; next = said[range]) {
      if (!widest || next.last > widest.last) widest = next;
      range += 1;
    }
    const erasure = widest && widest.last >= index ? widest : undefined;
    if (!erasure)
      findings.push({
        code: 'erased-without-entry',
        detail: `entry ${index} is gone, and no entry says why`,
      });
    else if (afterMs + FEWEST_DAYS * DAY_MS > erasure.atMs)
      findings.push({
        code: 'erased-early',
        detail: `entry ${index} is gone, and was made less than ${FEWEST_DAYS} days before: by the log of the nation it came later`,
      });
  }
  return findings;
}

/** Which entries one says to be erased, and when. */
function rangesIn(entry: string): { readonly first: number; readonly last: number; readonly atMs: number }[] {
  if (!entry.includes('"accesses"')) return [];
  try {
    const { what, at_ms: atMs, accesses } = JSON.parse(entry) as Record<string, unknown>;
    if (what !== 'erasure' || typeof atMs !== 'number' || !Array.isArray(accesses)) return [];
    return accesses.filter(isRange).map(([first, last]) => ({ first, last, atMs }));
  } catch {
    return [];
  }
}

function isRange(one: unknown): one is [number, number] {
  return Array.isArray(one) && one.length === 2 && one.every(Number.isSafeInteger);
}

/** The roots over the first so many entries, in one pass. */
function rootsAt(entries: readonly AccessEntryBytes[], sizes: ReadonlySet<number>): Map<number, Buffer> {
  const nodes = new Map<string, Uint8Array>();
  const readNode: ReadNode = (level, index) => nodes.get(`${level} ${index}`);
  const roots = new Map([[0, emptyRoot()]]);
  for (const [i, { salt, entry, leaf: left }] of entries.entries()) {
    // Of an entry that is here its own bytes count, whatever leaf is handed over with them.
    const isLeft = entry === '' && left?.length === HASH_BYTES;
    const leaf = isLeft ? left : leafHash(commitmentOf(salt, Buffer.from(entry)));
    const appended = appendLeaves(i, [leaf], readNode);
    for (const { level, index, hash } of appended.nodes) nodes.set(`${level} ${index}`, hash);
    if (sizes.has(appended.size)) roots.set(appended.size, appended.root);
  }
  return roots;
}
