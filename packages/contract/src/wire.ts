import { Reader } from 'protobufjs/minimal.js';
import { READERS } from '../gen/readers.js';
import { entente } from '../gen/wire.js';
import { LIMITS } from './limits.js';
import { readPlain } from './read-plain.js';
import { Rejection } from './rejection.js';

const v1 = entente.v1;

/** A decoded message: every scalar and list is there, a message that is absent is null. */
export type Plain<T> = {
  readonly [K in keyof T as K extends '$unknowns' ? never : K]-?: Field<NonNullable<T[K]>>;
};
type Field<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer U)[]
    ? readonly Item<U>[]
    : T extends object
      ? Plain<T> | null
      : T;
type Item<T> = T extends Uint8Array ? Uint8Array : T extends object ? Plain<T> : T;
type Draft<T> = { readonly [K in keyof T]?: DraftField<T[K]> };
type DraftField<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer U)[]
    ? readonly DraftField<U>[]
    : T extends object | null
      ? Draft<NonNullable<T>> | null
      : T;

interface Frame<T> {
  /** The one canonical encoding. */
  encode(message: Draft<T>): Uint8Array;
  /**
   * Strict: size, then protobuf, then the same bytes again; what is plainly canonical is read without all that, at once.
   * protobufjs takes unknown, repeated and reordered fields; a second encoding would let one message have two hashes.
   * @throws Rejection `too-large`, `frame-malformed`
   */
  decode(bytes: Uint8Array): T;
}

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(reader: Reader): object;
  toObject(message: never, options: object): object;
}

const READ = { longs: Number, defaults: true, arrays: true, objects: true };

function frame<T>(name: string, message: keyof typeof READERS, maxBytes: number): Frame<T> {
  const [type, reader] = [v1[message] as Codec, READERS[message]];
  const encode = (draft: Draft<T>) => type.encode(draft as object).finish();
  return {
    encode,
    decode(given) {
      if (given.length > maxBytes) {
        throw new Rejection('too-large', `${name} has ${given.length} bytes, the limit is ${maxBytes}`);
      }
      const bytes = Buffer.isBuffer(given)
        ? given
        : Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      const plain = readPlain(bytes, reader);
      if (plain !== undefined) return plain as T;
      const read = type.toObject(readStrictly(name, type, bytes) as never, READ);
      // What is handed out is encoded again, not what was read: a time that a double does not hold changes on the way.
      if (!Buffer.from(type.encode(read).finish()).equals(bytes)) {
        throw new Rejection('frame-malformed', `${name} is not in its canonical encoding`);
      }
      return read as T;
    },
  };
}

function readStrictly(name: string, type: Codec, bytes: Uint8Array): object {
  try {
    const reader = Reader.create(bytes);
    reader.discardUnknown = true;
    return type.decode(reader);
  } catch (cause) {
    throw new Rejection('frame-malformed', `${name} cannot be decoded`, cause);
  }
}

export type EnvelopeFrame = Plain<entente.v1.Envelope.$Properties>;
export type BodyFrame = Plain<entente.v1.Body.$Properties>;
export type HeaderFrame = Plain<entente.v1.Header.$Properties>;
export type FactsFrame = Plain<entente.v1.Facts.$Properties>;
export type StatementFrame = Plain<entente.v1.Statement.$Properties>;
export type AccessAnchorFrame = Plain<entente.v1.AccessAnchor.$Properties>;
export type ResponsibleFrame = Plain<entente.v1.Responsible.$Properties>;
export type AdministrationFrame = Plain<entente.v1.Administration.$Properties>;
export type LeafFrame = Plain<entente.v1.Leaf.$Properties>;
export type RecordFrame = Plain<entente.v1.Record.$Properties>;
export type DecisionInputFrame = Plain<entente.v1.DecisionInput.$Properties>;
export type VerdictFrame = Plain<entente.v1.Verdict.$Properties>;
export type EntryFrame = Plain<entente.v1.Entry.$Properties>;
export type AppendRequestFrame = Plain<entente.v1.AppendRequest.$Properties>;
export type AppendReplyFrame = Plain<entente.v1.AppendReply.$Properties>;
export type PassageFrame = Plain<entente.v1.Passage.$Properties>;
export type BatchFrame = Plain<entente.v1.Batch.$Properties>;
export type CrossingFrame = Plain<entente.v1.Crossing.$Properties>;
export type ProbeFrame = Plain<entente.v1.Probe.$Properties>;
export type AnswerFrame = Plain<entente.v1.Answer.$Properties>;
export type NoticeFrame = Plain<entente.v1.Notice.$Properties>;
export type DeliveryFrame = Plain<entente.v1.Delivery.$Properties>;
export type PreflightRequestFrame = Plain<entente.v1.PreflightRequest.$Properties>;
export type PreflightReplyFrame = Plain<entente.v1.PreflightReply.$Properties>;
export type SignedPartFrame = Plain<entente.v1.SignedPart.$Properties>;
export type NationListFrame = Plain<entente.v1.NationList.$Properties>;
export type NationPartFrame = Plain<entente.v1.NationPart.$Properties>;
export type DirectoryBundleFrame = Plain<entente.v1.DirectoryBundle.$Properties>;
export type PackBundleFrame = Plain<entente.v1.PackBundle.$Properties>;
export type EvidenceMessageFrame = Plain<entente.v1.EvidenceMessage.$Properties>;
export type EvidenceFileFrame = Plain<entente.v1.EvidenceFile.$Properties>;
export type MemberFrame = Plain<entente.v1.Member.$Properties>;
export type WitnessFrame = Plain<entente.v1.Witness.$Properties>;
export type PublicKeyFrame = Plain<entente.v1.PublicKey.$Properties>;

export const Profile = v1.Profile;
export const Kind = v1.Kind;

export const envelope = frame<EnvelopeFrame>('envelope', 'Envelope', LIMITS.envelope);
export const body = frame<BodyFrame>('body', 'Body', LIMITS.content + 64);
export const header = frame<HeaderFrame>('header', 'Header', LIMITS.seal);
export const leaf = frame<LeafFrame>('leaf', 'Leaf', LIMITS.entry);
export const record = frame<RecordFrame>('record', 'Record', LIMITS.entry);
export const entry = frame<EntryFrame>('entry', 'Entry', LIMITS.entry * 2);
export const appendRequest = frame<AppendRequestFrame>('append request', 'AppendRequest', LIMITS.entry + 64);
export const appendReply = frame<AppendReplyFrame>('append reply', 'AppendReply', LIMITS.transit);
export const passage = frame<PassageFrame>('passage', 'Passage', LIMITS.transit);
export const crossing = frame<CrossingFrame>('crossing', 'Crossing', LIMITS.transit);
export const batch = frame<BatchFrame>('batch', 'Batch', LIMITS.batch);
export const delivery = frame<DeliveryFrame>('delivery', 'Delivery', LIMITS.transit);
export const preflightRequest = frame<PreflightRequestFrame>(
  'preflight request',
  'PreflightRequest',
  LIMITS.entry,
);
export const preflightReply = frame<PreflightReplyFrame>('preflight reply', 'PreflightReply', LIMITS.entry);
export const signedPart = frame<SignedPartFrame>('signed part', 'SignedPart', LIMITS.directoryPart);
export const nationList = frame<NationListFrame>('list of nations', 'NationList', LIMITS.directoryPart);
export const nationPart = frame<NationPartFrame>('nation part', 'NationPart', LIMITS.directoryPart);
export const directoryBundle = frame<DirectoryBundleFrame>('directory', 'DirectoryBundle', LIMITS.directory);
export const packBundle = frame<PackBundleFrame>('policy pack', 'PackBundle', LIMITS.pack);
export const evidenceMessage = frame<EvidenceMessageFrame>(
  'opened message',
  'EvidenceMessage',
  LIMITS.content + LIMITS.seal + 128,
);
export const evidenceFile = frame<EvidenceFileFrame>('evidence file', 'EvidenceFile', LIMITS.evidenceFile);
