import { BATCHING, LIMITS, Rejection, subjects, unpackBatch, wire } from '@entente/contract';
import { gather, NotNow, traceparentsOf } from '@entente/runtime';
import { messageHash as hashOfSeal, readUnverifiedHeader } from '@entente/seal';
import { perGate } from './per-gate.js';
import { FIRST, type GateDeps, type Logged, type Recorded, TIMEOUT_MS } from './state.js';
import { watchOwnLog } from './watch-own-log.js';

/** Of an entry to be. */
export type RecordDraft = Parameters<typeof wire.record.encode>[0];

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
 * @param isAhead it waits for no other
 * @throws LedgerRefusal; AuditError, BusError and the like, after which the message is tried again
 */
export function append(gate: GateDeps, record: RecordDraft, isAhead = false): Promise<Recorded> {
  return askAbout(gate, record, { isAhead });
}

/**
 * What the log holds of a message at a stage: `append` without appending.
 * @throws LedgerRefusal `unknown`; as `append`
 */
export function lookUp(gate: GateDeps, record: RecordDraft): Promise<Recorded> {
  return askAbout(gate, record, { knownOnly: true });
}

async function askAbout(
  gate: GateDeps,
  record: RecordDraft,
  { knownOnly = false, isAhead = false }: { readonly knownOnly?: boolean; readonly isAhead?: boolean },
): Promise<Recorded> {
  const bytes = wire.record.encode({ decidedAtMs: gate.now(), ...record, nation: gate.nation });
  if (bytes.length > LIMITS.entry - 1024)
    throw new Error(`a record of ${bytes.length} bytes is too large for the log`);
  const request = wire.appendRequest.encode({ record: bytes, knownOnly });
  const bytesOfReply = await gate.tracing.part('gate.record', () => ask(gate, request, isAhead));
  const reply = read(() => wire.appendReply.decode(bytesOfReply));
  if (!reply.entry) throw new LedgerRefusal(reply.refusal, reply.detail);
  const entry = checkOwn(gate, reply.entry);
  checkIsAnswerTo(record, entry.record);
  const later = reply.later && checkOwn(gate, reply.later);
  if (later) checkIsAnswerTo({ ...record, step: later.record.step }, later.record);
  const approvals = reply.approvals.map((approval) => checkOwn(gate, approval));
  const claimed = reply.claimed && checkOwn(gate, reply.claimed);
  if (claimed) checkHasTheId(record, claimed.record);
  return { ...entry, later, approvals, claimed };
}

async function ask(gate: GateDeps, request: Uint8Array, isAhead: boolean): Promise<Uint8Array> {
  const traceparent = gate.tracing.current();
  const { ahead, ordinary } = lanes(gate);
  const reply = await (isAhead ? ahead : ordinary).add({ request, traceparent });
  // It did not fit beside the others' answers. What was appended is found by its key.
  return reply.length > 0 ? reply : await requestAppend(gate, request, traceparentsOf([{ traceparent }]));
}

/** An emergency's append is asked for at once, beside what waits. */
const lanes = perGate((gate: GateDeps) => ({ ahead: together(gate), ordinary: together(gate) }));

/** What is to be logged while an append is under way goes with the next: one request, one answer, one proof each. */
const together = (gate: GateDeps) =>
  gather(
    async (asked: readonly Asked[]) => {
      const requests = asked.map(({ request }) => request);
      const bytes = await requestAppend(gate, BATCHING.pack(requests), traceparentsOf(asked));
      const replies = read(() => unpackBatch(bytes));
      if (replies.length !== requests.length)
        throw new NotNow(`the ledger gave ${replies.length} answers to ${requests.length} requests`);
      return replies;
    },
    { fitting: BATCHING.fitting, sizeOf: ({ request }) => request.length + PROOF_BYTES, everyMs: 5 },
  );

interface Asked {
  readonly request: Uint8Array;
  readonly traceparent: string | undefined;
}

/** INVARIANT: what a ledger says wrongly is never the fault of the message that it is asked about. */
function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new NotNow('the answer of the ledger cannot be read', { cause });
  }
}

/** What comes back beside the record, nearly always. */
const PROOF_BYTES = 2048;

async function requestAppend(
  { bus, clock }: GateDeps,
  bytes: Uint8Array,
  traceparents: readonly string[] = [],
): Promise<Uint8Array> {
  const options = { timeoutMs: TIMEOUT_MS, traceparents, onTime: clock.tell };
  return await bus.request(subjects.append, bytes, options);
}

/**
 * Each answer of the ledger says what its clock says: this one is to a request for nothing else. It says what ours does, so that a
 * ledger that nobody writes to is not without anybody to compare with.
 */
export async function askTime(gate: GateDeps): Promise<void> {
  await requestAppend(gate, wire.appendRequest.encode({ askedAtMs: gate.now() }));
}

function checkOwn(gate: GateDeps, frame: wire.EntryFrame): Logged {
  return { ...read(() => watchOwnLog(gate).verify(frame)), frame };
}

/** INVARIANT: nobody gets to see another's entry: it is of the same sender, and under the id that it has just used. */
function checkHasTheId({ seal, stage }: RecordDraft, claimed: wire.RecordFrame): void {
  const [own, first] = [seal ?? new Uint8Array(), claimed.seal].map((one) =>
    read(() => readUnverifiedHeader(one)),
  );
  const isSameId = own?.from === first?.from && own?.id === first?.id && claimed.stage === stage;
  if (!isSameId || !Buffer.from(hashOfSeal(claimed.seal)).equals(claimed.messageHash))
    throw new NotNow('the ledger answered with an entry that does not have this id');
}

function checkIsAnswerTo(asked: RecordDraft, answered: wire.RecordFrame): void {
  const sameMessage = isSame(answered.messageHash, asked.messageHash);
  const sameAdoption = isSame(answered.adoption?.sha256, asked.adoption?.sha256);
  // A hold has one end; who asks to end it otherwise gets the end that it had.
  const isStep = answered.step === asked.step || (asked.step !== FIRST && answered.step !== FIRST);
  if (!sameMessage || !sameAdoption || answered.stage !== asked.stage || !isStep) {
    throw new NotNow('the ledger answered with an entry for something else');
  }
}

const NONE = new Uint8Array();

const isSame = (one: Uint8Array = NONE, other: Uint8Array = NONE): boolean =>
  Buffer.compare(one, other) === 0;
