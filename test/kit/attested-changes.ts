import {
  cosign,
  formatNote,
  formatWitnessVkey,
  type NoteSignature,
  parseNote,
  parseWitnessVkey,
} from '@entente/audit';
import { type NetworkHome, paths } from '@entente/cli';
import { createSigner, generateKey, loadSigner, type Signer } from '@entente/seal';
import { type Change, flip, inText, later, root } from './change-evidence.js';

/** What is there once the tests run. */
export interface World {
  /** Of the two nations DE and FR. */
  readonly home: NetworkHome;
  readonly stampOf: (bytes: Uint8Array) => Buffer;
  readonly strangersStampOf: (bytes: Uint8Array) => Buffer;
}

const HOUR_MS = 3_600_000;

/** What can be done to what others have said of a log: each with the code that an evidence file is refused with. */
export function attestedChanges(world: () => World): [string, Change, string][] {
  const witness = async () => {
    const { dir } = world().home;
    return await loadSigner(paths.secret(dir, 'services.fr', 'witness.key'));
  };
  const stranger = async () => await createSigner(await generateKey('Ed25519'));
  return [
    ['no later checkpoint', (file) => ({ ...file, checkpoints: [] }), 'quorum-missing'],
    ['without the cosignature', later(({ note }) => ({ note: withLines(note, []) })), 'quorum-missing'],
    ['cosigned by a stranger alone', cosigned(stranger, 0, 'in its place'), 'quorum-missing'],
    ['a cosignature with another bit', line((bytes) => flip(bytes, -1)), 'cosignature-invalid'],
    ['a cosignature with another time', line((bytes) => flip(bytes, 6)), 'cosignature-invalid'],
    ['a cosignature without its time', line((bytes) => bytes.subarray(8)), 'cosignature-invalid'],
    ["another checkpoint's cosignature", (file) => swapLines(file), 'cosignature-invalid'],
    ['cosigned before there were such entries', cosigned(witness, -HOUR_MS, 'beside'), 'time-wrong'],
    ['cosigned tomorrow', cosigned(witness, 24 * HOUR_MS, 'in its place'), 'time-wrong'],
    ['65 signatures', later(({ note }) => ({ note: crowd(note) })), 'too-large'],
    [
      '17 later checkpoints',
      (file) => ({ ...file, checkpoints: Array.from({ length: 17 }, () => file.checkpoints[0] ?? {}) }),
      'too-large',
    ],
    [
      '17 time stamps',
      later(({ stamps }) => ({ stamps: Array.from({ length: 17 }, () => stamps[0] ?? Buffer.alloc(0)) })),
      'too-large',
    ],
    [
      'a later checkpoint with another root',
      later(({ note }) => ({ note: root(Buffer.concat([Buffer.from('\n\n'), note])).subarray(2) })),
      'note-signature-invalid',
    ],
    [
      'a later checkpoint of another log',
      later(({ note }) => ({ note: inText(note, /^[^\n]+/, () => 'another.example/xx/2026') })),
      'checkpoint-wrong-origin',
    ],
    [
      'a log that has not grown from what it was',
      later(({ continues }) => ({
        continues: continues.map((one) => ({ ...one, hashes: one.hashes.map((hash) => flip(hash)) })),
      })),
      'consistency-invalid',
    ],
    ['no proof that the log has only grown', later(() => ({ continues: [] })), 'quorum-missing'],
    [
      'a time stamp of other bytes',
      later(() => ({ stamps: [world().stampOf(Buffer.from('x'))] })),
      'stamp-of-other-bytes',
    ],
    [
      'a time stamp of a stranger',
      later(({ note }) => ({ stamps: [world().strangersStampOf(note)] })),
      'stamp-not-trusted',
    ],
    [
      'a time stamp with another bit',
      later(({ stamps }) => ({ stamps: stamps.map((stamp) => flip(stamp, -1)) })),
      'stamp-signature-invalid',
    ],
    [
      'a time stamp that is cut off',
      later(({ stamps }) => ({ stamps: stamps.map((stamp) => stamp.subarray(0, -1)) })),
      'stamp-malformed',
    ],
  ];
}

type Lines = readonly NoteSignature[];

function withLines(note: Uint8Array, cosignatures: Lines): Uint8Array {
  const { text, signatures } = parseNote(note);
  return Buffer.from(formatNote(text, [...signatures.slice(0, 1), ...cosignatures]));
}

const cosignaturesOf = (note: Uint8Array): Lines => parseNote(note).signatures.slice(1);

function line(change: (bytes: Uint8Array) => Uint8Array): Change {
  return later(({ note }) => ({
    note: withLines(
      note,
      cosignaturesOf(note).map((one) => ({ ...one, signature: change(one.signature) })),
    ),
  }));
}

/** The lines of the file's other log, under the name of the witness of the first. */
const swapLines: Change = (file) => {
  const [first, second] = file.checkpoints;
  const [own] = cosignaturesOf(first?.note ?? new Uint8Array());
  const [others] = cosignaturesOf(second?.note ?? new Uint8Array());
  if (!own || !others) throw new Error('both logs need a cosignature');
  return later(({ note }) => ({ note: withLines(note, [{ ...own, signature: others.signature }]) }))(file);
};

/** Of the first log's checkpoint, under the name of the witness of FR. */
function cosigned(by: () => Promise<Signer>, laterMs: number, where: 'beside' | 'in its place'): Change {
  return async (file) => {
    const { publicJwk, signBytes } = await by();
    const name = 'entente.example/witness/fr';
    const key = parseWitnessVkey(formatWitnessVkey(name, Buffer.from(String(publicJwk.x), 'base64url')));
    const { text } = parseNote(file.checkpoints[0]?.note ?? '');
    const made = await cosign(text, { key, sign: signBytes }, Date.now() + laterMs);
    return later(({ note }) => ({
      note: withLines(note, [...(where === 'beside' ? cosignaturesOf(note) : []), made]),
    }))(file);
  };
}

/** A line too many of one that nobody knows. */
function crowd(note: Uint8Array): Uint8Array {
  const line = `— nobody.example ${Buffer.alloc(76, 1).toString('base64')}\n`;
  return Buffer.concat([note, Buffer.from(line.repeat(64))]);
}
