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
  const answer = await tryToAsk(feed, log, newest, witness, known);
  const isSigned = typeof answer !== 'string';
  if (isSigned) {
    known.size = newest.size;
    known.okMs = feed.now();
  }
  const about = `the witness ${witness.key.name} of ${witness.nation} does not cosign`;
  const detail = isSigned ? about : `${about}: ${answer}`;
  const isSilent = !isSigned && feed.now() - known.okMs >= feed.silenceMs;
  alarmWhile(feed, isSilent, { origin: log.origin, kind: 'witness-silent', about, detail });
  return isSigned ? answer : [];
}

/** Its line, or why there is none: of a few words, as each is an alarm of its own. */
type Line = readonly [NoteSignature] | string;

/** Two questions at most: what a witness says of itself may change with each answer. */
async function tryToAsk(
  feed: Feed,
  log: FollowedLog,
  newest: Seen,
  witness: DirectoryWitness,
  known: { size: number },
): Promise<Line> {
  try {
    const first = await send(newest, witness, known.size);
    const size = first.status === 409 ? sizeOf(first.body) : undefined;
    if (size === undefined) return read(feed, log, newest, witness, known.size, first);
    if (size > newest.size) return await checkAhead(feed, log, witness, size);
    // It has cosigned more than we knew, or its memory is a new one.
    const again = await send(newest, witness, size);
    known.size = size;
    return read(feed, log, newest, witness, size, again);
  } catch (error) {
    // Silence, tiles that are not there yet, an answer that is none: asked again at the next look.
    if (error instanceof AuditError)
      return WHY[error.code] ?? `the checkpoint cannot be shown (${error.code})`;
    throw error;
  }
}

const WHY: Partial<Record<AuditError['code'], string>> = {
  unreachable: 'it, or the log, does not answer',
  'note-malformed': 'what it answers is no cosignature',
  'too-large': 'what it answers is no cosignature',
  'cosignature-invalid': 'what it answers is no cosignature of this checkpoint',
};

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
): Line {
  // Of the size that it has itself, a witness that refuses may name it again or no size (C2SP leaves it open).
  const isSameSize = oldSize === newest.size && (sizeOf(body) ?? oldSize) === oldSize;
  if (status === 422 || (status === 409 && isSameSize)) {
    // With this log's own proof from that size on: what was cosigned there has another root.
    const detail = `the witness ${key.name} of ${nation} says that it has cosigned ${oldSize} entries that are not those of now`;
    raiseAlarm(feed, {
      ...{ origin: log.origin, kind: 'witness-refuses', about: key.name, detail, notes: [newest.note] },
    });
  }
  if (status !== 200) return `it answers HTTP ${status}`;
  const { text } = parseNote(newest.note);
  const [own] = parseCosignatureLines(text, body).filter(
    ({ name, keyId }) => name === key.name && keyId === key.id,
  );
  if (!own) return 'it answers with no cosignature by its key in the directory';
  const found = readCosignatures(`${text}\n${formatCosignatureLines(text, [own])}`, [key]);
  const isOfNow = found.every(({ timeMs }) => Math.abs(timeMs - feed.now()) <= SKEW_MS);
  return isOfNow ? [own] : 'it cosigns under another time than that of now';
}

/** Others may feed it as well: it is ahead of the log only if the log, asked now, is behind it. */
async function checkAhead(
  feed: Feed,
  { origin, key, views }: FollowedLog,
  witness: DirectoryWitness,
  size: number,
): Promise<string> {
  const [view = ''] = views;
  const { note } = await readCheckpointOf(readLogAt(view), key, origin);
  const now = openCheckpoint(note, key, origin);
  if (now.size >= size) return 'it has been shown more by others meanwhile';
  const { name } = witness.key;
  const detail = `the witness ${name} of ${witness.nation} says that it has cosigned ${size} entries, and the log shows fewer`;
  raiseAlarm(feed, { origin, kind: 'witness-ahead', about: name, detail, notes: [note] });
  return 'it names a size beyond the log';
}
