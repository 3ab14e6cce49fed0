import { verifyEntry } from '@entente/audit';
import { LIMITS, subjects, wire } from '@entente/contract';
import { FIRST, type GateDeps, type Logged, type Recorded, TIMEOUT_MS } from './state.js';

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
export async function append(gate: GateDeps, record: RecordDraft): Promise<Recorded> {
  const bytes = wire.record.encode({ decidedAtMs: gate.now(), ...record, nation: gate.nation });
  if (bytes.length > LIMITS.entry - 1024)
    throw new Error(`a record of ${bytes.length} bytes is too large for the log`);
  const request = wire.appendRequest.encode({ record: bytes });
  const reply = wire.appendReply.decode(
    await gate.bus.request(subjects.append, request, { timeoutMs: TIMEOUT_MS }),
  );
  if (!reply.entry) throw new LedgerRefusal(reply.refusal, reply.detail);
  const entry = checkOwn(gate, reply.entry);
  checkIsAnswerTo(record, entry.record);
  const later = reply.later && checkOwn(gate, reply.later);
  if (later) checkIsAnswerTo({ ...record, step: later.record.step }, later.record);
  const approvals = reply.approvals.map((approval) => checkOwn(gate, approval));
  return { ...entry, later, approvals };
}

function checkOwn(gate: GateDeps, frame: wire.EntryFrame): Logged {
  return { ...verifyEntry(frame, (origin) => gate.directory().ledger(gate.nation, origin)), frame };
}

function checkIsAnswerTo(asked: RecordDraft, answered: wire.RecordFrame): void {
  const sameMessage = Buffer.from(answered.messageHash).equals(asked.messageHash ?? new Uint8Array());
  const sameAdoption = Buffer.from(answered.adoption?.sha256 ?? '').equals(
    asked.adoption?.sha256 ?? new Uint8Array(),
  );
  // A hold has one end; who asks to end it otherwise gets the end that it had.
  const isStep = answered.step === asked.step || (asked.step !== FIRST && answered.step !== FIRST);
  if (!sameMessage || !sameAdoption || answered.stage !== asked.stage || !isStep) {
    throw new Error('the ledger answered with an entry for something else');
  }
}
