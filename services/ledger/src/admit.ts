import {
  DECISION,
  EVENT,
  isOrderReason,
  isReference,
  isResponsible,
  Rejection,
  STAGE,
  wire,
} from '@entente/contract';
import { messageHash, readUnverifiedHeader } from '@entente/seal';
import type { Approval, Claim, EntryKey, LedgerStore, NewEntry } from './store.js';

/** Why a ledger does not append: the gate's fault, its own (`ledger-failed`: ask again) or a race, never the sender's. */
const REFUSALS = [
  'record-malformed',
  'wrong-nation',
  'adoption-stale',
  'id-reused',
  'no-hold',
  'version-goes-back',
  'erased',
  'clock-differs',
  'unknown',
  'ledger-failed',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export class NotAppended extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail: string) {
    super(detail);
    this.name = 'NotAppended';
    this.refusal = refusal;
  }
}

export interface Admitted {
  readonly record: wire.RecordFrame;
  /** Of the seal, of what claims an id. */
  readonly header: wire.HeaderFrame | null;
  readonly key: EntryKey;
  readonly claim: Claim | null;
  readonly approval: Approval | null;
  readonly adoption: NewEntry['adoption'];
}

/** What only the ledger itself writes. */
const OWN_EVENTS: readonly string[] = [
  ...['erasure', 'log-opened', 'log-closed', 'log-deleted'],
  ...['setting', 'read'],
];

/**
 * What may stand in the log. The gate has checked signatures and rules; here it is checked that the record is whole,
 * belongs to this log, and was decided under the pack and the directory that the log adopted last.
 *
 * @throws NotAppended
 */
export function admit(bytes: Uint8Array, nation: string): Admitted {
  const record = decode(bytes);
  if (record.nation !== nation) throw new NotAppended('wrong-nation', `this is the log of ${nation}`);
  if (record.event === 'quarantine-end') return admitQuarantineEnd(record);
  // INVARIANT: only the ledger itself erases, and ends its log; a gate that could would rewrite what it did.
  const { erasure, succession, past, administration } = record;
  if (OWN_EVENTS.includes(record.event) || erasure || succession || past || administration)
    throw new NotAppended('record-malformed', `${record.event} does not come from a gate`);
  if (record.event === 'adopt-directory' || record.event === 'adopt-pack') return admitAdoption(record);
  // Readers go by the event; what else a record says must not make one of them pass it over.
  if (record.adoption || record.responsible.length > 0)
    throw new NotAppended('record-malformed', 'a message adopts nothing');
  if (
    !(EVENT as readonly string[]).includes(record.event) ||
    !(STAGE as readonly string[]).includes(record.stage)
  ) {
    throw new NotAppended('record-malformed', 'the event or the stage is not known');
  }
  // INVARIANT: what claims no id permits nothing.
  const decisions: readonly string[] = record.event === 'rejection' ? ['refuse'] : DECISION;
  if (!decisions.includes(record.verdict?.decision ?? '')) {
    throw new NotAppended('record-malformed', 'the verdict is missing, or not one of this event');
  }
  if (record.seal.length === 0 || !Buffer.from(messageHash(record.seal)).equals(record.messageHash)) {
    throw new NotAppended('record-malformed', 'the message hash is not the one of the seal');
  }
  checkStep(record);
  checkKind(record);
  const key = { messageHash: record.messageHash, stage: record.stage, step: record.step };
  // A rejected message claims nothing: it may be the very one that squats on another's id.
  const header = record.event === 'rejection' ? null : readUnverifiedHeader(record.seal);
  const claim = header && { sender: header.from, id: header.id };
  return { record, header, key, claim, approval: approvalOf(record), adoption: null };
}

/**
 * What depends on what the log holds already; asked in the order of the log, with the batch's own entries seen.
 * @throws NotAppended
 */
export function checkAgainstLog(
  { record, key, claim, adoption }: Admitted,
  log: Pick<LedgerStore, 'adopted' | 'claimedBy' | 'partVersion' | 'findEntry'> & {
    /** What the log before this one had adopted last. */
    readonly adoptedBefore: LedgerStore['adopted'];
  },
): void {
  // Nothing was decided.
  if (record.event === 'quarantine-end') return;
  if (adoption) {
    // What is adopted already never comes here: another pack under the same version is a second history. A new log adopts again.
    const before = log.adopted(adoption.kind) ? undefined : log.adoptedBefore(adoption.kind);
    const isSame = before !== undefined && Buffer.from(before.sha256).equals(adoption.sha256);
    const older = adoption.versions.find(
      ({ part, version }) => version < log.partVersion(part) + (part === PACK_PART && !isSame ? 1 : 0),
    );
    if (older)
      throw new NotAppended(
        'version-goes-back',
        `${older.part} ${older.version} is not newer than what was adopted`,
      );
    return;
  }
  for (const [kind, sha256] of [
    ['adopt-pack', record.packSha256],
    ['adopt-directory', record.directorySha256],
  ] as const) {
    const last = log.adopted(kind);
    if (!last || !Buffer.from(last.sha256).equals(sha256)) {
      throw new NotAppended(
        'adoption-stale',
        `${kind}: the record was decided under another one than was adopted last`,
      );
    }
  }
  if (record.step !== FIRST && !isHold(log.findEntry({ ...key, step: FIRST }))) {
    throw new NotAppended('no-hold', 'a further step ends a hold, and this message is not held');
  }
  const claimed = claim && log.claimedBy(claim);
  if (claimed && !Buffer.from(claimed).equals(record.messageHash)) {
    throw new NotAppended('id-reused', 'this sender has used this id for another message');
  }
}

const PACK_PART = 'pack';

export const FIRST = 'first';
/** The hash of the approval that ends a hold, or that nobody decided in time. */
const END_OF_HOLD = /^(?:[0-9a-f]{64}|overdue)$/;

function checkStep({ step, event, verdict }: wire.RecordFrame): void {
  if (step === FIRST) return;
  const ends = ['crossing', 'rejection'].includes(event) && verdict?.decision !== 'hold';
  if (!END_OF_HOLD.test(step) || !ends) {
    throw new NotAppended('record-malformed', 'a step is the first, or what ends a hold');
  }
}

/**
 * INVARIANT: what is logged as an anchor or an inspection is one. A referral under such a word would get a permit that no rule gave,
 * for the sake of a proof that edges let in.
 */
function checkKind({ event, stage, seal, verdict }: wire.RecordFrame): void {
  const kind = { 'access-anchor': wire.Kind.KIND_ANCHOR, inspect: wire.Kind.KIND_INSPECT }[event];
  if (kind === undefined) return;
  const isOne = readUnverifiedHeader(seal).kind === kind;
  if (!isOne || stage !== 'inside' || verdict?.decision !== 'permit')
    throw new NotAppended('record-malformed', `the message is no ${event}, or not inside the nation`);
}

/** Whether an entry says that a message waits for a release. */
export function isHold(entry: { readonly record: Uint8Array | null } | undefined): boolean {
  if (!entry?.record) return false;
  // Nearly none is: what does not hold the word is not decoded for it.
  if (!asBuffer(entry.record).includes('hold')) return false;
  const { event, step, verdict } = wire.record.decode(entry.record);
  return event === 'crossing' && step === FIRST && verdict?.decision === 'hold';
}

/** The id that an entry refused to a message, because its sender has used it for another. */
export function refusedClaim(entry: { readonly record: Uint8Array | null }): RefusedClaim | undefined {
  if (!entry.record || !asBuffer(entry.record).includes('id-reused')) return undefined;
  const { event, stage, seal, verdict } = wire.record.decode(entry.record);
  if (event !== 'rejection' || verdict?.code !== 'id-reused') return undefined;
  try {
    const { from, id } = readUnverifiedHeader(seal);
    return { stage, claim: { sender: from, id } };
  } catch {
    // The seal of a rejection is not read when it is logged.
    return undefined;
  }
}

export interface RefusedClaim {
  readonly stage: string;
  readonly claim: Claim;
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length);

function decode(bytes: Uint8Array): wire.RecordFrame {
  try {
    return wire.record.decode(bytes);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw new NotAppended('record-malformed', 'the record cannot be decoded');
  }
}

function admitAdoption(record: wire.RecordFrame): Admitted {
  if (record.adoption?.sha256.length !== 32)
    throw new NotAppended('record-malformed', 'an adoption names a hash');
  // Nothing has checked them here, so what reads like the verdict over a message must not get a proof.
  const { messageHash: hash, seal, stage, step, verdict, adoption, event } = record;
  if (hash.length + seal.length + stage.length + step.length > 0 || verdict) {
    throw new NotAppended('record-malformed', 'an adoption is about no message');
  }
  if (record.administration || !checkSignoffs(record))
    throw new NotAppended('record-malformed', 'who proposed and approved it is not said of its parts');
  const parts = adoption.versions.map(({ part }) => part);
  if (event === 'adopt-pack' ? parts.join() !== PACK_PART : parts.includes(PACK_PART)) {
    throw new NotAppended(
      'record-malformed',
      'a pack has one version, of "pack"; a directory those of its parts',
    );
  }
  // A pack may be adopted again after another: the step is given when the entry gets its index.
  const key = { messageHash: adoption.sha256, stage: event, step: '' };
  const none = { header: null, claim: null, approval: null };
  return { record, key, ...none, adoption: { ...adoption, kind: event } };
}

/**
 * A gate says that a message in its quarantine is gone: it names no entry, so it erases none, and no message, so it proves nothing of one.
 * @throws NotAppended
 */
function admitQuarantineEnd(record: wire.RecordFrame): Admitted {
  const { event, messageHash: name, step, nation, decidedAtMs, erasure } = record;
  const isWhy = erasure && (isOver(step, erasure) || isByOrder(step, erasure));
  if (name.length !== 16 || !isWhy)
    throw new NotAppended(
      'record-malformed',
      'it does not name a message in quarantine, and for how long it was kept, or by what order it went',
    );
  const said = { ...erasure, indices: [] };
  const whole = wire.record.encode({ nation, event, step, messageHash: name, decidedAtMs, erasure: said });
  // All else that a record can say would be read as something else.
  if (!Buffer.from(wire.record.encode(record)).equals(whole))
    throw new NotAppended('record-malformed', 'the end of what was in quarantine says nothing but that');
  const key = { messageHash: name, stage: event, step };
  return { record, header: null, key, claim: null, approval: null, adoption: null };
}

type Erasure = NonNullable<wire.RecordFrame['erasure']>;

function isOver(step: string, { reason, reference, proposedBy, approvedBy }: Erasure): boolean {
  const isNobodys = proposedBy === '' && approvedBy.length === 0;
  const isDays = /^QUARANTINE_DAYS [1-9][0-9]{0,5}$/.test(reference);
  return step === FIRST && reason === 'time-over' && isNobodys && isDays;
}

/** INVARIANT: on one short line, as is all that nobody erases. The same message may come into quarantine again: each order is a step of its own. */
function isByOrder(step: string, { reason, reference, ...signoff }: Erasure): boolean {
  return (
    /^[0-9a-f]{64}$/.test(step) && isOrderReason(reason) && isReference(reference) && isResponsible(signoff)
  );
}

/** INVARIANT: bounded, and of nothing but what is adopted: these entries are never erased. */
function checkSignoffs({ responsible, adoption }: wire.RecordFrame): boolean {
  const known = adoption?.versions.map(({ part }) => part) ?? [];
  const parts = responsible.map(({ part }) => part);
  return (
    new Set(parts).size === parts.length &&
    parts.every((part) => known.includes(part)) &&
    responsible.every(isResponsible)
  );
}

function approvalOf(record: wire.RecordFrame): Approval | null {
  if (record.event !== 'approval') return null;
  const { kind, from, fromRole, statement } = readUnverifiedHeader(record.seal);
  const [about, ...more] = statement?.about ?? [];
  if (kind !== wire.Kind.KIND_APPROVAL || about?.messageHash.length !== 32 || more.length > 0) {
    throw new NotAppended('record-malformed', 'an approval is about one message');
  }
  return { messageHash: about.messageHash, sender: from, role: fromRole };
}
