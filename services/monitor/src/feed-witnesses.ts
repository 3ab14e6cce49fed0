import {
  AuditError,
  askWithin,
  type DirectoryWitness,
  formatAddCheckpoint,
  formatCosignatureLines,
  formatNote,
  MAX_REQUEST_BYTES,
  type NoteSignature,
  openCheckpoint,
  parseCosignatureLines,
  parseNote,
  readCheckpointOf,
  readCosignatures,
  readEarlier,
  readLogAt,
} from '@entente/audit';
import { type AlarmBell, alarmWhile, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { MonitorStore, Seen } from './store.js';

export interface Feed extends AlarmBell {
  readonly store: MonitorStore;
  readonly witnesses: () => readonly DirectoryWitness[];
  readonly silenceMs: number;
  readonly startedMs: number;
  /** By witness and log: how many entries it has cosigned, as it says; and when it last did. */
  readonly known: Map<string, { size: number; okMs: number }>;
}

const TIMEOUT_MS = 5000;
const SKEW_MS = 5 * 60_000;

/**
 * Asks the witnesses of other nations about the newest checkpoint of a log, each for itself (C2SP tlog-witness), and keeps what they sign.
 * Nobody waits for it: no append, no passage. A witness believes nothing that is said here, so that whoever feeds needs no right.
 */
export async function feedWitnesses(feed: Feed, log: FollowedLog): Promise<void> {
  const [seen] = feed.store.seenOf(log.origin);
  if (!seen) return;
  const newest = { ...seen, note: signedByLog(seen.note, log) };
  const nowMs = feed.now();
  const witnesses = feed.witnesses().filter(({ nation, validFromMs, validUntilMs }) => {
    return nation !== log.nation && validFromMs <= nowMs && nowMs < validUntilMs;
  });
  const before = feed.store.attested(log.origin);
  // Of the same tree, and not only of the same size: else a second history would pass for cosigned.
  const had = before && textOf(before.note) === textOf(newest.note) ? before.note : newest.note;
  const missing = witnesses.filter(({ key }) => readCosignatures(had, [key]).length === 0);
  for (const witness of witnesses) if (!missing.includes(witness)) knownOf(feed, log, witness).okMs = nowMs;
  const lines = await Promise.all(missing.map((witness) => ask(feed, log, newest, witness)));
  const got = lines.flat();
  if (got.length > 0) feed.store.attest(log.origin, { size: newest.size, note: withLines(had, got) });
}

/** Whoever shows the log may add lines in anybody's name: only the log's own are taken from there. */
function signedByLog(note: string, { key }: FollowedLog): string {
  const { text, signatures } = parseNote(note);
  return formatNote(
    text,
    signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id),
  );
}

function knownOf({ known, startedMs }: Feed, { origin }: FollowedLog, { key }: DirectoryWitness) {
  const place = `${key.name} ${origin}`;
  const found = known.get(place) ?? { size: 0, okMs: startedMs };
  known.set(place, found);
  return found;
}

const textOf = (note: string): string => parseNote(note).text;

/** INVARIANT: only lines that hold are added: one that does not would make every reader refuse the whole checkpoint. */
function withLines(note: string, lines: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(note);
  return formatNote(text, [...signatures, ...lines]);
}

async function ask(
  feed: Feed,
  log: FollowedLog,
  newest: Seen,
  witness: DirectoryWitness,
): Promise<readonly NoteSignature[]> {
  const known = knownOf(feed, log, witness);
  const lines = await tryToAsk(feed, log, newest, witness, known);
  if (lines.length > 0) {
    known.size = newest.size;
    known.okMs = feed.now();
  }
  const detail = `the witness ${witness.key.name} of ${witness.nation} does not cosign`;
  const isSilent = lines.length === 0 && feed.now() - known.okMs >= feed.silenceMs;
  alarmWhile(feed, isSilent, { origin: log.origin, kind: 'witness-silent', detail });
  return lines;
}

async function tryToAsk(
  feed: Feed,
  log: FollowedLog,
  newest: Seen,
  witness: DirectoryWitness,
  known: { size: number },
): Promise<readonly NoteSignature[]> {
  try {
    const first = await send(newest, witness, known.size);
    if (first.status !== 409) return read(feed, log, newest, witness, known.size, first);
    const size = sizeOf(first.body);
    if (size === undefined) return [];
    if (size > newest.size) return await checkAhead(feed, log, witness, size);
    // It has cosigned more than we knew, or its memory is a new one.
    const again = await send(newest, witness, size);
    known.size = size;
    return read(feed, log, newest, witness, size, again);
  } catch (error) {
    // Silence, tiles that are not there yet, an answer that is none: asked again at the next look.
    if (error instanceof AuditError) return [];
    throw error;
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function send(newest: Seen, { url }: DirectoryWitness, oldSize: number): Promise<Answer> {
  const { proof } =
    oldSize === 0 ? { proof: [] } : await readEarlier(readLogAt(newest.view), oldSize, newest);
  const question = {
    method: 'POST',
    body: formatAddCheckpoint({ oldSize, proof, note: newest.note }),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  };
  const bounds = { withinMs: TIMEOUT_MS, maxBytes: MAX_REQUEST_BYTES, from: url };
  const { status, body } = await askWithin(`${url.replace(/\/$/, '')}/add-checkpoint`, question, bounds);
  return { status, body: body?.toString('utf8') ?? '' };
}

function sizeOf(body: string): number | undefined {
  const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1];
  return size === undefined ? undefined : Number(size);
}

function read(
  feed: Feed,
  log: FollowedLog,
  newest: Seen,
  { key, nation }: DirectoryWitness,
  oldSize: number,
  { status, body }: Answer,
): readonly NoteSignature[] {
  const isOther =
    status === 422 || (status === 409 && sizeOf(body) === newest.size && oldSize === newest.size);
  if (isOther) {
    // With this log's own proof from that size on: what was cosigned there has another root.
    const detail = `the witness ${key.name} of ${nation} has cosigned ${oldSize} entries that are not those of now`;
    raiseAlarm(feed, {
      ...{ origin: log.origin, kind: 'witness-refuses', about: key.name, detail, notes: [newest.note] },
    });
  }
  if (status !== 200) return [];
  const { text } = parseNote(newest.note);
  const own = parseCosignatureLines(text, body).filter(
    ({ name, keyId }) => name === key.name && keyId === key.id,
  );
  const found = readCosignatures(`${text}\n${formatCosignatureLines(text, own.slice(0, 1))}`, [key]);
  return found.every(({ timeMs }) => Math.abs(timeMs - feed.now()) <= SKEW_MS) ? own.slice(0, 1) : [];
}

/** Others may feed it as well: it is ahead of the log only if the log, asked now, is behind it. */
async function checkAhead(
  feed: Feed,
  { origin, key, views }: FollowedLog,
  witness: DirectoryWitness,
  size: number,
): Promise<readonly NoteSignature[]> {
  const [view = ''] = views;
  const { note } = await readCheckpointOf(readLogAt(view), key, origin);
  const now = openCheckpoint(note, key, origin);
  if (now.size >= size) return [];
  const { name } = witness.key;
  const detail = `the witness ${name} of ${witness.nation} has cosigned ${size} entries, and the log shows fewer`;
  raiseAlarm(feed, { origin, kind: 'witness-ahead', about: name, detail, notes: [note] });
  return [];
}
