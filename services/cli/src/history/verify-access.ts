import { appendLeaves, emptyRoot, leafHash, type ReadNode } from '@entente/audit';
import { commitmentOf } from '@entente/seal';
import type { LoggedAnchor } from './check-anchor.js';

/** An entry of a member's access log, as its edge hands it over. */
export interface AccessEntryBytes {
  readonly index: number;
  /** JSON, to the byte what the tree commits to. */
  readonly entry: string;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

export interface AccessFinding {
  readonly code:
    | 'entry-missing'
    | 'entries-missing'
    | 'entry-changed'
    | 'head-differs'
    | 'not-anchored'
    | 'anchor-missing';
  readonly detail: string;
}

export interface VerifiedAccess {
  readonly size: number;
  /** Entries that an anchor in the nation's log covers: nobody can change them any more without being found. */
  readonly anchored: number;
  readonly anchors: number;
  readonly findings: readonly AccessFinding[];
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
  anchors: readonly LoggedAnchor[],
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
  return { size: entries.length, anchored, anchors: anchors.length, findings };
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

/** The roots over the first so many entries, in one pass. */
function rootsAt(entries: readonly AccessEntryBytes[], sizes: ReadonlySet<number>): Map<number, Buffer> {
  const nodes = new Map<string, Uint8Array>();
  const readNode: ReadNode = (level, index) => nodes.get(`${level} ${index}`);
  const roots = new Map([[0, emptyRoot()]]);
  for (const [i, { salt, entry }] of entries.entries()) {
    const leaf = leafHash(commitmentOf(salt, Buffer.from(entry)));
    const appended = appendLeaves(i, [leaf], readNode);
    for (const { level, index, hash } of appended.nodes) nodes.set(`${level} ${index}`, hash);
    if (sizes.has(appended.size)) roots.set(appended.size, appended.root);
  }
  return roots;
}
