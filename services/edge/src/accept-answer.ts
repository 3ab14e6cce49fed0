import { checkEntry, type VerifiedEntry } from '@entente/audit';
import { evidenceOfVerdict, nationOf, Rejection, rejectionWords, type Stage, wire } from '@entente/contract';
import { acceptHold } from './accept-hold.js';
import type { ApprovalRow } from './hold-store.js';
import type { RequestRow } from './request-store.js';
import type { Edge } from './state.js';
import { takeOverForm } from './take-over-form.js';
import type { SentForm } from './under-way.js';

/**
 * A gate's evidence about one of our messages: its entry with its proof. What it says is read from the record, not from
 * the words around it.
 * @throws Rejection `proof-missing`, `proof-wrong`, `case-unknown`
 */
export async function acceptAnswer(
  edge: Edge,
  answer: wire.AnswerFrame,
  traceparents: readonly string[] = [],
): Promise<void> {
  // Most are of what this process has sent a moment ago.
  const row = edge.underWay.find(answer.messageId) ?? edge.outbox.standing(answer.messageId);
  const approval = row ? undefined : edge.holds.findApproval(answer.messageId);
  if (approval) return endApproval(edge, approval, answer);
  const request = row ? undefined : edge.requests.find(answer.messageId);
  if (request) return endRequest(edge, request, answer);
  if (!row && answer.evidence === 'held') return await acceptHold(edge, answer);
  if (!row) throw new Rejection('case-unknown', 'evidence about a message that was not sent from here');
  if (!answer.entry) throw new Rejection('proof-missing');
  const entry = verify(edge, answer.entry, nationOf(row.to));
  edge.underWay.answered(row.id);
  const { record, leaf } = entry;
  const { verdict, stage } = record;
  if (!isThisForm(edge, row, record.messageHash)) {
    // Of a form that was sealed after another one had been sent, and which counts no more.
    if (verdict?.code === 'id-reused') return;
    await takeOverForm(edge, row.id, entry);
  } else if (await askAgain(edge, row.id, record)) return;
  const { decision = '', code = '' } = verdict ?? {};
  const raw = wire.entry.encode(answer.entry);
  const file = () => {
    const standing = edge.outbox.standing(row.id);
    // Another form has taken its place in the meantime.
    if (!isSame(standing?.messageHash, record.messageHash)) return;
    const said = {
      messageId: row.id,
      evidence: evidenceOfVerdict(record.stage, record.verdict?.decision ?? ''),
      source: record.nation,
      atMs: leaf.timeMs,
      code,
      reason: verdict?.reason || rejectionWords(code),
      rules: verdict?.rules ?? [],
      raw,
    };
    edge.evidence.file(said, standing);
  };
  await edge.tracing.span(
    'edge.evidence',
    () => ({
      message: record.messageHash,
      carried: traceparents,
      words: { 'message.id': row.id, stage, decision, code },
    }),
    () => edge.commit(file),
  );
}

/** What was sent from here may have given way to another form since: that only the outbox knows. */
function isThisForm(edge: Edge, { id, messageHash }: SentForm, theirs: Uint8Array): boolean {
  return isSame(messageHash, theirs) || isSame(edge.outbox.standing(id)?.messageHash, theirs);
}

/**
 * With each repeat of what it refuses for its id a gate shows what has the id, and either may come before the other: the message is sent
 * once more before that refusal ends it, so that its sender does not read an end that is none.
 * @returns whether it is
 */
async function askAgain(edge: Edge, id: string, record: wire.RecordFrame): Promise<boolean> {
  if (record.verdict?.code !== 'id-reused' || record.stage === 'enter') return false;
  return await edge.commit(() => {
    const row = edge.outbox.find(id);
    const isFirst = row?.outcome === '' && row.code !== 'id-reused';
    if (!isFirst || !isSame(row.messageHash, record.messageHash)) return false;
    const atMs = edge.now();
    edge.outbox.conclude(id, { outcome: '', code: 'id-reused', reason: rejectionWords('id-reused'), atMs });
    edge.outbox.retryAt(id, atMs + ASK_AGAIN_MS);
    return true;
  });
}

/** More than the stream waits before it delivers again what was not acknowledged. */
const ASK_AGAIN_MS = 6000;

function isSame(ours: Uint8Array | null | undefined, theirs: Uint8Array): boolean {
  return ours !== null && ours !== undefined && Buffer.from(ours).equals(theirs);
}

/** Our word about a held message is on record, or the gate refused it. */
function endApproval(edge: Edge, { id, messageHash }: ApprovalRow, { entry }: wire.AnswerFrame): void {
  const { record } = verifyOwn(edge, entry, messageHash);
  const isLogged = record.event === 'approval' && record.verdict?.decision === 'permit';
  edge.holds.end(id, isLogged ? 'logged' : 'refused', record.verdict?.code ?? '', entry);
}

/** What we asked our gate to put on record, is, or the gate refused it. An inspection then still waits for the other edge. */
function endRequest(
  edge: Edge,
  { id, kind, messageHash, state }: RequestRow,
  { entry }: wire.AnswerFrame,
): void {
  const { record, leaf } = verifyOwn(edge, entry, messageHash);
  if (state !== 'sent') return;
  const event = kind === 'anchor' ? 'access-anchor' : 'inspect';
  const isLogged = leaf.event === event && record.event === event && record.verdict?.decision === 'permit';
  edge.requests.end(id, isLogged ? 'logged' : 'refused', record.verdict?.code ?? '', entry);
}

/** Our own gate's entry about a message of ours. */
function verifyOwn(edge: Edge, entry: wire.EntryFrame | null, messageHash: Uint8Array): VerifiedEntry {
  const own = nationOf(edge.member);
  const verified = checkEntry(entry, (origin) => edge.directory().ledger(own, origin));
  const { record } = verified;
  const isStage = record.nation === own && ['leave', 'inside'].includes(record.stage);
  if (!isStage || !Buffer.from(record.messageHash).equals(messageHash)) throw new Rejection('proof-wrong');
  return verified;
}

/** A ledger speaks for its own nation only, and each nation for its own stage of the way. */
function verify(edge: Edge, entry: wire.EntryFrame, to: string): VerifiedEntry {
  const own = nationOf(edge.member);
  const stages: Record<string, Stage> = own === to ? { [own]: 'inside' } : { [own]: 'leave', [to]: 'enter' };
  const directory = edge.directory();
  const ledgerOf = (origin: string) =>
    Object.keys(stages).find((nation) => directory.ledger(nation, origin) !== undefined) ?? '';
  const verified = checkEntry(entry, (name) => directory.ledger(ledgerOf(name), name));
  const { origin, record } = verified;
  if (record.nation !== ledgerOf(origin) || record.stage !== stages[record.nation]) {
    throw new Rejection(
      'proof-wrong',
      'the entry is not of the nation or the stage that its ledger speaks for',
    );
  }
  return verified;
}
