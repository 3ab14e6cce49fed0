import {
  AuditError,
  appendLeaves,
  crossingSideOf,
  leafHash,
  readEarlier,
  readLogAt,
  readThrough,
} from '@entente/audit';
import { LIMITS, nationOf, Rejection, wire } from '@entente/contract';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import type { Crossed, Hidden } from './crossing-store.js';
import { type AlarmBell, alarmWhile, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import { readRecords, type ShownEntry } from './read-records.js';
import type { MonitorStore } from './store.js';

export interface Following extends AlarmBell {
  readonly store: MonitorStore;
  /** Whose records are read: between these nations what crosses is compared. */
  readonly isRead: (nation: string) => boolean;
  /** A log whose records do not come for so long is an alarm. */
  readonly silenceMs: number;
  /** The time that a message may take between two gates. */
  readonly relayMs: number;
  /** How far each log was read, and since when. */
  readonly reading: Map<string, { readonly size: number; readonly sinceMs: number }>;
}

/** Bundles in one piece: more would be much to hold at once. */
const BUNDLES = 4;
const LOOK_MS = 2000;

/**
 * Reads on in a log with its records, and keeps what has left its nation and what has arrived: a piece at a time, each checked and kept
 * before the next, until nothing newer of the log was seen or the look has taken that long.
 */
export async function followCrossings(
  following: Following,
  log: FollowedLog,
  withinMs = LOOK_MS,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (await followPiece(following, log)) if (performance.now() >= untilMs) return;
}

/**
 * INVARIANT: nothing counts before the tree over all entries read so far is the one that the log has signed: a ledger cannot show this
 * monitor other entries than it has logged.
 * @returns whether there is more to read
 */
async function followPiece(following: Following, log: FollowedLog): Promise<boolean> {
  const { store, relayMs } = following;
  const { origin, token } = log;
  // A folder has no records of a log, though it may show as much of it.
  const newest = store.seenOf(origin).find(({ view }) => /^https?:/.test(view));
  if (token === undefined || !newest) return false;
  const before = store.crossings.progress(origin);
  tellSilence(following, origin, before.size, before.size < newest.size);
  if (before.size >= newest.size) {
    store.crossings.upToDate(origin, newest.seenMs);
    return false;
  }
  try {
    const entries: ShownEntry[] = [];
    for (let bundle = 0; bundle < BUNDLES && before.size + entries.length < newest.size; bundle++) {
      const found = await readRecords(newest.view, token, before.size + entries.length, newest.size);
      if (found.length === 0) break;
      entries.push(...found);
    }
    // The log may have grown past the bundle that was asked for: the next look asks for a larger one.
    if (entries.length === 0) return false;
    const readNode = readThrough(before.nodes, () => undefined);
    const { size, root, nodes } = appendLeaves(
      before.size,
      entries.map(({ leaf }) => leafHash(leaf)),
      readNode,
    );
    const { root: signed } = await readEarlier(readLogAt(newest.view), size, newest);
    if (!root.equals(signed))
      throw new AuditError('commitment-wrong', 'The entries are not those of the log.');
    // A log that says to be of tomorrow is not waited for until then.
    const latestMs = newest.seenMs + LIMITS.skewMs;
    const read = entries.map((entry, i) => readEntry(following, log, entry, before.size + i, latestMs));
    const isAll = size === newest.size;
    const readMs = isLast(entries.at(-1)) ? NEVER_MORE_MS : newest.seenMs;
    store.crossings.add(origin, {
      ...{ relayMs, readMs: isAll ? readMs : 0 },
      size,
      nodes: edgeOf(size, [...before.nodes, ...nodes]),
      crossed: read.flatMap(({ crossed }) => crossed ?? []),
      hidden: read.flatMap(({ hidden }) => hidden ?? []),
    });
    if (isAll) store.crossings.upToDate(origin, newest.seenMs);
    return !isAll;
  } catch (error) {
    if (error instanceof AuditError && ['unreachable', 'node-missing'].includes(error.code)) return false;
    if (!(error instanceof AuditError || error instanceof Rejection)) throw error;
    const detail = `the records that it shows to auditors are not those that it has logged (${error.code})`;
    raiseAlarm(following, { origin, kind: 'incomplete', detail, notes: [newest.note] });
    return false;
  }
}

/**
 * INVARIANT: a log that has ended has no more entries than it had, whether its ledger still shows it or has deleted it: what is in none of
 * its nation's other logs is not waited for because of it.
 */
const NEVER_MORE_MS = Number.MAX_SAFE_INTEGER;

function isLast(entry: ShownEntry | undefined): boolean {
  return entry !== undefined && wire.leaf.decode(entry.leaf).event === 'log-closed';
}

/** Nothing can be compared with what nobody shows, and a ledger chooses to whom it shows its records. */
function tellSilence(following: Following, origin: string, size: number, isBehind: boolean): void {
  const { reading, now, silenceMs } = following;
  const before = reading.get(origin);
  const known = isBehind && before?.size === size ? before : { size, sinceMs: now() };
  reading.set(origin, known);
  const isSilent = now() - known.sinceMs >= silenceMs;
  const detail = 'this monitor is shown no more of its records';
  alarmWhile(following, isSilent, { origin, kind: 'silent', detail });
}

/** @throws AuditError `commitment-wrong` */
function readEntry(
  { isRead }: Following,
  { nation, origin }: FollowedLog,
  { leaf: bytes, salted }: ShownEntry,
  index: number,
  latestMs: number,
): Read {
  const leaf = wire.leaf.decode(bytes);
  const timeMs = Math.min(leaf.timeMs, latestMs);
  if (!salted) return { hidden: { nation, peer: null, timeMs } };
  const { salt, record: recordBytes } = salted;
  if (!Buffer.from(commitmentOf(salt, recordBytes)).equals(leaf.commitment))
    throw new AuditError('commitment-wrong', 'A record is not the one that was logged.');
  const record = wire.record.decode(recordBytes);
  const side = crossingSideOf(record);
  if (!side || record.nation !== nation) return {};
  const parties = readUnverifiedHeader(record.seal);
  const [from, to] = [nationOf(parties.from), nationOf(parties.to)];
  const peer = side === 'left' ? to : from;
  // Nobody will say its other half. Should that nation be read from some day on, what crossed before cannot be compared.
  if (!isRead(peer)) return { hidden: { nation, peer, timeMs } };
  return { crossed: { from, to, side, origin, index, timeMs, messageHash: record.messageHash } };
}

interface Read {
  readonly crossed?: Crossed;
  readonly hidden?: Hidden;
}

interface Node {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** The complete subtrees on the right edge: all that appending needs. */
function edgeOf(size: number, nodes: readonly Node[]): Node[] {
  const wanted = new Set<string>();
  for (let level = 0; 2 ** level <= size; level++) {
    const complete = Math.floor(size / 2 ** level);
    if (complete % 2 === 1) wanted.add(`${level} ${complete - 1}`);
  }
  return nodes.filter(({ level, index }) => wanted.has(`${level} ${index}`));
}
