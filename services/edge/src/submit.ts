import { hash } from 'node:crypto';
import { checkContent, newId, parseSubmission, Rejection, wire } from '@entente/contract';
import { NotNow } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import { evidenceClocks, usualLifetimeMs } from './evidence-clocks.js';
import { justify } from './justifications.js';
import { MOST_WAITING } from './outbox.js';
import type { CheckedSubmission, Note } from './outbox-row.js';
import type { Edge } from './state.js';
import { underLatest } from './under-latest.js';

/** How something is handed in, beside what it is. */
export interface HandedIn {
  readonly key: string | null;
  /** What the key stands for, where the submission was made of that and of what is known at the moment. */
  readonly asked?: Asked;
  readonly notes?: readonly Note[];
  /** Why, in the words of who does it: they stay here, and only a commitment to them travels. */
  readonly justification?: string;
}

export interface Accepted {
  readonly id: string;
  readonly caseId: string;
  /** False when this idempotency key had been used for the same submission. */
  readonly isNew: boolean;
}

/** The same key for another submission, by somebody else, or for another reason. */
export class IdempotencyConflict extends Error {
  /** The message that has the key. */
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }
}

/** So much waits for an outcome that something must be wrong on the way: what is not urgent waits at its own system. */
export class TooBusy extends NotNow {}

/** More in one second than this edge was set to take on. */
export class TooFast extends Error {}

const HOUR_MS = 3_600_000;

/**
 * Takes a report from the member's own system: checked against the schema of its category, and on disk when this returns.
 * What happens to it then, `GET /v1/messages/<id>` tells at any time, also after a crash.
 *
 * @throws Rejection `content-invalid`, `content-forbidden`, `too-large`, `recipient-unknown`; IdempotencyConflict, TooBusy, TooFast, ClockDiffers
 */
export async function submit(edge: Edge, value: unknown, options: HandedIn): Promise<Accepted> {
  const submission = readSubmission(value);
  // After an answer that got lost it is answered all the same, whatever its recipient is by now.
  const isRepeat = () => options.key !== null && edge.outbox.findByKey(options.key) !== undefined;
  await checkRecipient(edge, submission).catch((error: unknown) => {
    if (!isRepeat()) throw error;
  });
  const { content } = submission;
  if (content.update !== undefined)
    throw new Rejection(
      'content-invalid',
      'an update goes to /v1/cases/<case>/updates, and not to /v1/referrals',
    );
  if (content.urgency !== 'emergency' && !edge.mayTake(WAY_IN) && !isRepeat()) throw new TooFast();
  return await edge.commit(() => keep(edge, submission, { ...options, createdMs: edge.now() }));
}

const WAY_IN = 'reports';

/** On disk when this returns. @throws IdempotencyConflict, TooBusy, ClockDiffers; Rejection `content-invalid` for another's pseudonym as actor */
export function keep(
  edge: Edge,
  said: CheckedSubmission,
  { key, asked = said, notes = [], justification = '', createdMs }: HandedIn & { readonly createdMs: number },
): Accepted {
  edge.clock.check();
  // From here on nothing knows the person's name but the list of this edge's own pseudonyms.
  const { content } = said;
  const submission = { ...said, actor: edge.actors.pseudonymOf(said.actor) };
  const known = findRepeat(edge, { key, justification }, asked);
  if (known) return known;
  if (content.urgency !== 'emergency' && edge.outbox.isFull(MOST_WAITING)) throw new TooBusy();
  const { expires_in_hours: hours } = submission;
  const { relayMs, deliveryMs } = evidenceClocks(content);
  const submissionJson = JSON.stringify(submission);
  const row = {
    id: newId(),
    caseId: submission.case_id ?? newId(),
    submission,
    submissionJson,
    // What was asked is what is kept, unless it was made of something else.
    submissionSha256: asked === said ? sha256(submissionJson) : digestOf(edge, asked),
    idempotencyKey: key,
    category: content.category,
    action: content.action,
    updateWord: content.update ?? '',
    notes,
    isEmergency: content.urgency === 'emergency',
    relayDueMs: createdMs + relayMs,
    deliveryDueMs: createdMs + deliveryMs,
    eraseMs: createdMs + content.retention_days * 24 * HOUR_MS,
    createdMs,
    expiresMs: createdMs + (hours === undefined ? usualLifetimeMs(content) : hours * HOUR_MS),
  };
  edge.outbox.insert(row);
  // Where the row is undone, this is the id of nothing.
  edge.checkedDrafts.add(row.id);
  edge.justifications.insertUnsealed(row.id, row.caseId, justify(justification));
  return { id: row.id, caseId: row.caseId, isNew: true };
}

/** What somebody hands in, as the same request says it again. */
export type Asked = object & { readonly actor?: string };

/**
 * What this key was used for before; undefined: nothing.
 * @throws IdempotencyConflict where that was something else; Rejection `content-invalid` for another's pseudonym as actor
 */
export function findRepeat(
  edge: Edge,
  { key, justification = '' }: HandedIn,
  asked: Asked,
): Accepted | undefined {
  const known = key === null ? undefined : edge.outbox.findByKey(key);
  if (!known) return undefined;
  const isSame = Buffer.from(known.sha256).equals(digestOf(edge, asked));
  if (!isSame || !isJustifiedBy(edge, known.id, justification)) throw new IdempotencyConflict(known.id);
  return { id: known.id, caseId: known.caseId, isNew: false };
}

/** Of the person only the pseudonym goes into it: a name could be guessed. */
function digestOf(edge: Edge, asked: Asked): Buffer {
  return sha256(JSON.stringify({ ...asked, actor: edge.actors.pseudonymOf(asked.actor) }));
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Whether this is why that message was handed in. Once the words are forgotten, any are taken for them where there were some. */
function isJustifiedBy(edge: Edge, id: string, text: string): boolean {
  const kept = edge.justifications.findById(id);
  if (kept) return kept.text.equals(Buffer.from(text));
  const row = edge.outbox.find(id);
  // Of a draft they are never forgotten; where there is no seal, nobody knows any more.
  return text === '' || (row?.state !== 'draft' && (!row?.envelope || isJustified(row.envelope)));
}

function isJustified(envelope: Uint8Array): boolean {
  return readUnverifiedHeader(wire.envelope.decode(envelope).seal).justificationCommitment.length > 0;
}

/** @throws Rejection `content-invalid`, `content-forbidden`, `too-large`, `recipient-unknown` */
export async function checkSubmission(edge: Edge, value: unknown): Promise<CheckedSubmission> {
  const submission = readSubmission(value);
  await checkRecipient(edge, submission);
  return submission;
}

function readSubmission(value: unknown): CheckedSubmission {
  if (isWholeFile(value)) throw new Rejection('content-invalid', NOT_THE_FILE);
  const submission = parseSubmission(value);
  // In the form in which it will be sealed.
  return { ...submission, content: checkContent(submission.content) };
}

async function checkRecipient(edge: Edge, { to }: CheckedSubmission): Promise<void> {
  await underLatest(edge, () => edge.directory().member(to, edge.now()));
  if (to === edge.member) throw new Rejection('recipient-unknown', 'a member does not send to itself');
}

/** What `entente send` takes: it has its sender and its title around what an edge takes. */
function isWholeFile(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'submission' in value && !('content' in value);
}

const NOT_THE_FILE =
  'what is posted is the part under "submission": an object with "to", "to_role", "from_role" and "content"';
