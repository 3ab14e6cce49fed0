import {
  type Content,
  computeFacts,
  type DataClass,
  type Facts,
  parseContent,
  redactContent,
  subjects,
  wire,
} from '@entente/contract';
import { sealReferral, sha256 } from '@entente/seal';
import type { Note, OutboxRow, SealedRow } from './outbox.js';
import { type Edge, TIMEOUT_MS } from './state.js';

const ROUNDS = 3;
const REDACT = 'redact:';

/**
 * Turns a draft into the one form in which it will travel: reduced to what both nations' rules let pass, then sealed.
 * A refusal that no reduction cures does not stop it here: it goes to the gate, so that the refusal is on record.
 *
 * @throws Rejection `recipient-unknown`, `content-invalid` (when what is left is no report any more); BusError: try again
 */
export async function prepare(edge: Edge, row: OutboxRow): Promise<SealedRow> {
  const { content, facts, notes } = await reduce(edge, row);
  const recipient = edge.directory().encryptionKey(row.to, edge.now());
  const { submission } = row;
  const draft = {
    profile: edge.profile,
    id: row.id,
    caseId: row.caseId,
    from: edge.member,
    fromRole: submission.from_role,
    to: row.to,
    toRole: submission.to_role,
    inReplyTo: submission.in_reply_to ?? '',
    issuedAtMs: edge.now(),
    expiresAtMs: row.expiresMs,
    actor: submission.actor ?? '',
  };
  const bytes = Buffer.from(JSON.stringify(content));
  const { envelope, messageHash } = await sealReferral(draft, bytes, facts, {
    signer: edge.signer,
    recipient,
  });
  return { envelope, envelopeSha256: sha256(envelope), messageHash, notes: [...row.notes, ...notes] };
}

/** Derive, then enforce: what the gates would have removed is removed, and asked again. */
async function reduce(
  edge: Edge,
  row: OutboxRow,
): Promise<{ content: Content; facts: Facts; notes: Note[] }> {
  let content = row.submission.content as Content;
  const notes: Note[] = [];
  for (let round = 0; ; round++) {
    const facts = computeFacts(content);
    const remedies = round < ROUNDS ? await askForRemedies(edge, row, facts) : [];
    if (remedies.length === 0) return { content, facts, notes };
    for (const { dataClass, says } of remedies) {
      content = redactContent(content, `categories/${content.category}`, dataClass);
      notes.push({ kind: 'reduced', text: `${dataClass} was removed before sending: ${says}` });
    }
    content = parseContent(Buffer.from(JSON.stringify(content)));
  }
}

interface Remedy {
  readonly dataClass: DataClass;
  readonly says: string;
}

async function askForRemedies(edge: Edge, row: OutboxRow, facts: Facts): Promise<Remedy[]> {
  const { from_role: fromRole, to_role: toRole } = row.submission;
  const request = wire.preflightRequest.encode({ from: edge.member, fromRole, to: row.to, toRole, facts });
  const reply = await edge.bus.request(subjects.preflight(edge.member), request, { timeoutMs: TIMEOUT_MS });
  const { verdicts } = wire.preflightReply.decode(reply);
  const refusals = verdicts.flatMap(({ verdict }) => (verdict?.decision === 'refuse' ? [verdict] : []));
  // If one gate would refuse for good, nothing is cut off in vain: the report goes as it is, and is refused as it is.
  if (refusals.some(({ obligations }) => !obligations.some((word) => word.startsWith(REDACT)))) return [];
  const found = refusals.flatMap(({ obligations, reason }) =>
    obligations
      .filter((word) => word.startsWith(REDACT))
      .map((word) => ({ dataClass: word.slice(REDACT.length) as DataClass, says: reason })),
  );
  return found.filter(({ dataClass }, i) => found.findIndex((other) => other.dataClass === dataClass) === i);
}
