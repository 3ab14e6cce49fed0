import { createHash } from 'node:crypto';
import { readCarriedHeader } from '@entente/seal';
import { append } from './ledger-client.js';
import { readQuarantineHolds } from './quarantine-holds.js';
import { type DropOrder, readDropOrders } from './read-drop-orders.js';
import type { GateDeps } from './state.js';

/**
 * What a person has ordered to go from quarantine goes: an entry of the log says of each message that, why and who wanted it, by the name that
 * it has in the folder. A legal hold on the case of one of them refuses the whole order.
 *
 * INVARIANT: the entry comes first. After a crash, and where another gate has the same folder, there is no second one for the same order.
 *
 * @returns how many went
 * @throws as `append`; Error if the legal holds cannot be read: then nothing goes
 */
export async function dropOrdered(gate: GateDeps): Promise<number> {
  if (!gate.clock.agrees()) return 0;
  let dropped = 0;
  for (const { name, text, order, done } of readDropOrders(gate.quarantineDir)) {
    const ids = typeof order === 'string' ? order : namedBy(gate, order);
    if (typeof order === 'string' || typeof ids === 'string') {
      gate.logger.error({ order: name, problem: ids }, 'ALARM: an order to drop from quarantine is refused');
      done('refused');
      continue;
    }
    for (const id of ids) await dropOne(gate, id, order, text);
    gate.logger.info({ order: name, messages: ids.length }, 'dropped from quarantine by order');
    dropped += ids.length;
    done('done');
  }
  return dropped;
}

async function dropOne(
  gate: GateDeps,
  id: string,
  { reason, reference, signoff }: DropOrder,
  text: string,
): Promise<void> {
  const step = createHash('sha256').update(text).digest('hex');
  await append(gate, {
    ...{ event: 'quarantine-end', stage: '', step, messageHash: Buffer.from(id, 'hex') },
    erasure: { reason, reference, ...signoff },
  });
  gate.quarantine.drop(id);
}

/** Those of them that are there: others went by an earlier try. @returns in words, why they stay */
function namedBy(gate: GateDeps, { messages, caseId }: DropOrder): string[] | string {
  const held = readQuarantineHolds(gate.quarantineDir);
  const found: string[] = [];
  const isNamed = (id: string) => caseId !== undefined || messages.includes(id);
  for (const { id, subject, bytes } of gate.quarantine.keptUntil(Number.MAX_VALUE, isNamed)) {
    const ofCase = readCarriedHeader(subject, bytes)?.caseId ?? '';
    if (caseId !== undefined && ofCase !== caseId) continue;
    if (held.has(ofCase)) return `${id} is under legal hold`;
    found.push(id);
  }
  return caseId !== undefined && held.has(caseId) ? 'the case is under legal hold' : found;
}
