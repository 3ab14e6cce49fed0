import { LIMITS, type wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import { sealIn } from './remove-proof.js';
import { sealAbout } from './seal-evidence.js';
import type { Edge } from './state.js';

/**
 * Says to whoever has taken a message back that its content is gone here: sealed evidence, which both nations log. So an erasure that is done
 * for another's sake is an entry of the nation in which it is done, and its originator can show that it was followed.
 * @throws ClockDiffers
 */
export async function sayErased(edge: Edge): Promise<void> {
  const unsaid = edge.unsaidErasures.list(LIMITS.statementAbouts);
  if (unsaid.length === 0) return;
  const rows = unsaid.flatMap((messageHash) => edge.cases.find(messageHash) ?? []);
  for (const [{ caseId, from, fromRole, toRole }, together] of betweenTheSame(rows)) {
    const between = { caseId, ownRole: toRole, other: from, otherRole: fromRole };
    const about = together.map(({ id, messageHash }) => ({ messageId: id, messageHash, code: '' }));
    const { id, envelope } = await sealAbout(edge, between, 'erased', about);
    await edge.commit(() => {
      edge.statements.insert(id, envelope, edge.now());
      for (const { messageHash } of together) edge.unsaidErasures.remove(messageHash);
    });
  }
  // What is gone whole meanwhile, by an order, can be said of no more.
  const known = new Set(rows.map(({ messageHash }) => Buffer.from(messageHash).toString('hex')));
  const gone = unsaid.filter((messageHash) => !known.has(Buffer.from(messageHash).toString('hex')));
  if (gone.length > 0) await edge.commit(() => gone.forEach(edge.unsaidErasures.remove));
}

/** One seal speaks of what came in one case from one sender in one role to one of this member's. */
function betweenTheSame(rows: readonly ReceivedRow[]): (readonly [wire.HeaderFrame, ReceivedRow[]])[] {
  const groups = new Map<string, readonly [wire.HeaderFrame, ReceivedRow[]]>();
  for (const row of rows) {
    const header = readUnverifiedHeader(sealIn(row.passage));
    const key = [header.caseId, header.from, header.fromRole, header.toRole].join(' ');
    const [, known] = groups.get(key) ?? [];
    if (known) known.push(row);
    else groups.set(key, [header, [row]]);
  }
  return [...groups.values()];
}
