import { verifyEntry } from '@entente/audit';
import { type Evidence, nationOf, Rejection, rejectionWords, wire } from '@entente/contract';
import type { Edge } from './state.js';

/**
 * A gate's evidence about one of our messages: its entry with its proof. What it says is read from the record, not from
 * the words around it.
 * @throws Rejection `proof-missing`, `proof-wrong`, `case-unknown`
 */
export function acceptAnswer(edge: Edge, answer: wire.AnswerFrame): void {
  const row = edge.outbox.find(answer.messageId);
  if (!row?.messageHash)
    throw new Rejection('case-unknown', 'evidence about a message that was not sent from here');
  if (!answer.entry) throw new Rejection('proof-missing');
  const { record, leaf } = verify(edge, answer.entry, [nationOf(edge.member), nationOf(row.to)]);
  if (!Buffer.from(record.messageHash).equals(row.messageHash)) {
    throw new Rejection('proof-wrong', 'the evidence is about another message');
  }
  const { verdict } = record;
  edge.evidence.file({
    messageId: row.id,
    evidence: evidenceOf(record),
    source: record.nation,
    atMs: leaf.timeMs,
    code: verdict?.code ?? '',
    reason: verdict?.reason || rejectionWords(verdict?.code ?? ''),
    rules: verdict?.rules ?? [],
    raw: wire.entry.encode(answer.entry),
  });
}

function verify(edge: Edge, entry: wire.EntryFrame, nations: readonly string[]) {
  const directory = edge.directory();
  const find = (origin: string) =>
    nations.map((nation) => directory.ledger(nation, origin)).find((ledger) => ledger !== undefined);
  try {
    const verified = verifyEntry(entry, find);
    // A ledger speaks for its own nation only.
    if (
      nations.some((nation) => nation === verified.record.nation && directory.ledger(nation, verified.origin))
    )
      return verified;
  } catch (cause) {
    throw new Rejection('proof-wrong', undefined, cause);
  }
  throw new Rejection('proof-wrong', 'the entry is not of the nation whose ledger proves it');
}

function evidenceOf({ stage, verdict }: wire.RecordFrame): Evidence {
  if (verdict?.decision === 'hold') return 'held';
  const phase = stage === 'enter' ? 'relay' : 'submission';
  return `${phase}-${verdict?.decision === 'permit' ? 'accepted' : 'rejected'}`;
}
