import type { VerifiedEntry } from '@entente/audit';
import { nationOf, Rejection, wire } from '@entente/contract';
import { hasContent, messageHash, openSeal, sha256 } from '@entente/seal';
import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/**
 * A message of ours that was sent in another form than the one that is here: this edge was put back from a backup in which it was a draft
 * still, and sealed it once more. An id belongs to the first form that its gate has logged, so what becomes of that one is what becomes of
 * the message. From here on its seal alone is sent, which brings all evidence once more and can deliver nothing.
 *
 * INVARIANT: believed for our own seal only, over this id, case and recipient, and where nothing has ended the message yet but that its id
 * was used before, or that it was taken back unsent: then what took it back goes now. A gate that lies here needs our key, or two forms that we have sealed ourselves.
 *
 * @param entry of the first form, checked: our own gate's
 * @throws Rejection `proof-wrong`
 */
export async function takeOverForm(edge: Edge, id: string, { record, leaf }: VerifiedEntry): Promise<void> {
  const row = edge.outbox.find(id);
  if (!row || !mayTakeOver(row) || !isOfOwnGate(edge, record))
    throw new Rejection('proof-wrong', 'the evidence is about another message');
  const { expiresAtMs: expiresMs } = checkIsOurs(edge, row, record.seal, leaf.timeMs);
  const envelope = wire.envelope.encode({ seal: record.seal });
  const form = {
    envelope,
    envelopeSha256: sha256(envelope),
    messageHash: messageHash(record.seal),
    expiresMs,
  };
  await edge.commit(() => {
    const now = edge.outbox.find(id);
    if (!now || !mayTakeOver(now))
      throw new Rejection('proof-wrong', 'the message has ended in the meantime');
    edge.evidence.forget(id, 'submission-rejected', record.nation);
    edge.outbox.takeOver(id, { ...form, notes: [...row.notes, NOTE] }, edge.now());
  });
  edge.logger.info({ id }, 'sent before under this id, in another form: what becomes of that one counts');
}

const NOTE = {
  kind: 'sent-before',
  text:
    'This message had been sent before its edge was put back from a backup. What is said of it is said of what was sent then; of its ' +
    'content more or less may have been left out than of what is shown here.',
} as const;

function mayTakeOver({ outcome, code }: OutboxRow): boolean {
  return ['', 'recalled'].includes(outcome) || (outcome === 'refused' && code === 'id-reused');
}

/** A rejected message has no id. */
function isOfOwnGate(edge: Edge, { nation, event }: wire.RecordFrame): boolean {
  return nation === nationOf(edge.member) && event === 'crossing';
}

function checkIsOurs(edge: Edge, row: OutboxRow, seal: Uint8Array, atMs: number): wire.HeaderFrame {
  const directory = edge.directory();
  const nowMs = edge.now();
  const { header, kid } = openSeal(seal, (name) => directory.findKey(name, atMs, nowMs));
  directory.checkSigner(kid, edge.member, atMs, nowMs);
  const isThis = header.id === row.id && header.caseId === row.caseId && header.to === row.to;
  if (header.from !== edge.member || !isThis || !hasContent(header))
    throw new Rejection('proof-wrong', 'the evidence is about another message');
  return header;
}
