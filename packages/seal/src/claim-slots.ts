import type { SignatureClaim } from './signature-holds.js';

/** Where claims lie for another thread: memory that both share, so that nothing is copied or collected entry by entry. */
export const SLOTS = 3;
const SLOT_BYTES = 256 * 1024;

/** Who has signed, and in which slot it lies where. */
export interface PlacedClaims {
  readonly slot: number;
  /** Where in the slot the input of each claim ends, and where its signature does. */
  readonly ends: Uint32Array;
  /** Which of `signers` each claim is about. */
  readonly by: Uint32Array;
  readonly signers: readonly Pick<SignatureClaim, 'algorithm' | 'key'>[];
}

export function createSlots(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * SLOT_BYTES);
}

/** Writes claims into a slot that nobody reads. @returns undefined if they do not fit */
export function placeClaims(
  memory: SharedArrayBuffer,
  slot: number,
  claims: readonly SignatureClaim[],
): PlacedClaims | undefined {
  const bytes = slotOf(memory, slot);
  const [ends, by] = [new Uint32Array(2 * claims.length), new Uint32Array(claims.length)];
  const signers: Pick<SignatureClaim, 'algorithm' | 'key'>[] = [];
  let at = 0;
  for (const [i, { input, signature, key, algorithm }] of claims.entries()) {
    if (at + input.length + signature.length > bytes.length) return undefined;
    bytes.set(input, at);
    at += input.length;
    ends[2 * i] = at;
    bytes.set(signature, at);
    at += signature.length;
    ends[2 * i + 1] = at;
    const known = signers.findIndex((one) => one.key === key && one.algorithm === algorithm);
    by[i] = known === -1 ? signers.push({ key, algorithm }) - 1 : known;
  }
  return { slot, ends, by, signers };
}

/** The same claims again, in their order; each a view of its slot. */
export function claimsAt(
  memory: SharedArrayBuffer,
  { slot, ends, by, signers }: PlacedClaims,
): SignatureClaim[] {
  const bytes = slotOf(memory, slot);
  let start = 0;
  return Array.from(by, (of, i) => {
    const [middle = 0, end = 0] = [ends[2 * i], ends[2 * i + 1]];
    const signer = signers[of];
    if (!signer) throw new Error('a claim without its key');
    const { key, algorithm } = signer;
    const claim = {
      key,
      algorithm,
      input: bytes.subarray(start, middle),
      signature: bytes.subarray(middle, end),
    };
    start = end;
    return claim;
  });
}

function slotOf(memory: SharedArrayBuffer, slot: number): Uint8Array {
  return new Uint8Array(memory, slot * SLOT_BYTES, SLOT_BYTES);
}
