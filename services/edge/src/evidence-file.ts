import { wire } from '@entente/contract';
import { bundleDirectory } from '@entente/members';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import type { EvidenceRow } from './evidence-book.js';
import type { OutboxRow } from './outbox-row.js';
import { isWhole } from './remove-proof.js';
import type { Edge } from './state.js';

type Message = Parameters<typeof wire.evidenceFile.encode>[0]['messages'] extends
  | readonly (infer One)[]
  | null
  | undefined
  ? One
  : never;

/**
 * All that this member can prove about a case, as one file that is checked without any network.
 * @param open whether what was said stands in it as well: the file is then as confidential as the case
 * @returns an EvidenceFile, encoded; undefined if nothing is left of the case that proves anything
 */
export function makeEvidenceFile(edge: Edge, caseId: string, open: boolean): Uint8Array | undefined {
  const messages = eachOnce([
    ...edge.outbox.inCase(caseId).flatMap((row) => ofSent(edge, row, open)),
    ...edge.cases.inCase(caseId).flatMap((row) => ofReceived(row, open)),
  ]);
  if (messages.length === 0) return undefined;
  return wire.evidenceFile.encode({
    format: 1,
    caseId,
    holder: edge.member,
    madeAtMs: edge.now(),
    directory: bundleDirectory(edge.directory()),
    messages,
  });
}

/** One seal may speak of many messages, and is kept with each of them. */
function eachOnce(messages: readonly Message[]): Message[] {
  const bySeal = new Map(
    messages.map((message) => [Buffer.from(message?.seal ?? '').toString('latin1'), message]),
  );
  return [...bySeal.values()];
}

function ofSent(edge: Edge, row: OutboxRow, open: boolean): Message[] {
  if (row.envelope === null) return [];
  const { seal } = wire.envelope.decode(row.envelope);
  const evidence = edge.evidence.list(row.id).filter(({ raw }) => raw.length > 0);
  const entries = evidence.filter(isOfGate).map(({ raw }) => wire.entry.decode(raw));
  const content = Buffer.from(JSON.stringify(row.submission.content));
  const answers = evidence.filter((one) => !isOfGate(one)).map(({ raw }) => ofPassage(raw));
  return [{ seal, entries, opened: open ? opened(seal, row.salt, content) : null }, ...answers];
}

function ofReceived({ passage, answer, salt, content }: ReceivedRow, open: boolean): Message[] {
  const message = ofPassage(passage);
  if (!isWhole(message.seal)) return [];
  const said = open ? opened(message.seal, salt, Buffer.from(content)) : null;
  return [
    { ...message, opened: said },
    { seal: wire.envelope.decode(answer).seal, entries: [], opened: null },
  ];
}

/** The nation whose ledger says so, or the member whose seal does. */
function isOfGate({ source }: EvidenceRow): boolean {
  return !source.includes('.');
}

function ofPassage(bytes: Uint8Array) {
  const { envelope, proofs } = wire.passage.decode(bytes);
  return { seal: envelope?.seal ?? new Uint8Array(), entries: proofs, opened: null };
}

/** Null where what is kept is not to the byte what was sealed: it would prove nothing. */
function opened(seal: Uint8Array, salt: Uint8Array | null, content: Uint8Array) {
  if (salt === null) return null;
  const { contentCommitment } = readUnverifiedHeader(seal);
  return Buffer.from(commitmentOf(salt, content)).equals(contentCommitment) ? { salt, content } : null;
}
