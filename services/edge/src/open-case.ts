import { LIMITS, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import { justify } from './justifications.js';
import type { Person } from './log-access.js';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';

/**
 * A person has opened a case: for each message that nobody had opened, evidence of retrieval goes to its sender. It says "opened",
 * and admits nothing (DSA Art. 16(3)). What is erased nobody can open any more.
 * @returns how many messages are opened by this
 */
export async function openCase(
  edge: Edge,
  caseId: string,
  { actor, justification }: Person,
): Promise<number> {
  const unopened = edge.cases
    .inCase(caseId)
    .filter(({ openedMs, removedMs }) => openedMs === null && removedMs === null);
  for (const rows of bySender(unopened)) {
    const header = headerOf(rows[0] as ReceivedRow);
    const between = { caseId, ownRole: header.toRole, other: header.from, otherRole: header.fromRole };
    const about = rows.map(({ id, messageHash }) => ({ messageId: id, messageHash, code: '' }));
    const justified = justify(justification);
    const { id, envelope, messageHash } = await sealAbout(edge, between, 'retrieved', about, {
      actor,
      justified,
    });
    edge.db.transaction(() => {
      for (const row of rows) edge.cases.open(row.messageHash, edge.now());
      edge.justifications.insert(messageHash, wire.envelope.decode(envelope).seal, justified);
      edge.statements.insert(id, envelope, edge.now());
    });
  }
  return unopened.length;
}

/** Of one sender each, and no more than one statement may name. */
function bySender(rows: readonly ReceivedRow[]): ReceivedRow[][] {
  const groups: ReceivedRow[][] = [];
  for (const row of [...rows].sort((a, b) => (a.sender < b.sender ? -1 : 1))) {
    const last = groups.at(-1);
    if (last && last[0]?.sender === row.sender && last.length < LIMITS.statementAbouts) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function headerOf({ passage }: ReceivedRow): wire.HeaderFrame {
  return readUnverifiedHeader(wire.passage.decode(passage).envelope?.seal ?? new Uint8Array());
}
