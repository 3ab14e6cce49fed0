import { verifyEntry } from '@entente/audit';
import { LIMITS, subjects, wire } from '@entente/contract';
import type { GateDeps, Logged } from './state.js';
import { TIMEOUT_MS } from './state.js';

type RecordDraft = Parameters<typeof wire.record.encode>[0];

/** The ledger's refusal: a word of its closed list. */
export class LedgerRefusal extends Error {
  readonly refusal: string;

  constructor(refusal: string, detail: string) {
    super(`the ledger refuses: ${refusal} (${detail})`);
    this.name = 'LedgerRefusal';
    this.refusal = refusal;
  }
}

/**
 * Appends a record and believes nothing of the answer: the signature, the inclusion, and that the entry is for what was
 * asked. The entry may be an older one with another verdict: the first for this message, stage and step counts.
 *
 * @throws LedgerRefusal; AuditError, BusError and the like, after which the message is tried again
 */
export async function append(gate: GateDeps, record: RecordDraft): Promise<Logged> {
  const bytes = wire.record.encode({ ...record, nation: gate.nation, decidedAtMs: gate.now() });
  if (bytes.length > LIMITS.entry - 1024)
    throw new Error(`a record of ${bytes.length} bytes is too large for the log`);
  const request = wire.appendRequest.encode({ record: bytes });
  const reply = wire.appendReply.decode(
    await gate.bus.request(subjects.append, request, { timeoutMs: TIMEOUT_MS }),
  );
  if (!reply.entry) throw new LedgerRefusal(reply.refusal, reply.detail);
  const verified = verifyEntry(reply.entry, (origin) => gate.directory().ledger(gate.nation, origin));
  checkIsAnswerTo(record, verified.record);
  return { ...verified, frame: reply.entry };
}

function checkIsAnswerTo(asked: RecordDraft, answered: wire.RecordFrame): void {
  const sameMessage = Buffer.from(answered.messageHash).equals(asked.messageHash ?? new Uint8Array());
  const sameAdoption = Buffer.from(answered.adoption?.sha256 ?? '').equals(
    asked.adoption?.sha256 ?? new Uint8Array(),
  );
  if (!sameMessage || !sameAdoption || answered.stage !== asked.stage || answered.step !== asked.step) {
    throw new Error('the ledger answered with an entry for something else');
  }
}
