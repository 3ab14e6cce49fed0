/** What may stand in a field, as far as its encoding goes. */
export interface FieldShape {
  readonly kind: 'varint' | 'bool' | 'fixed64' | 'text' | 'bytes' | 'message';
  readonly isRepeated: boolean;
  /** Of a message. */
  readonly fields: MessageShape | null;
}

/** By the number of the field; what has none here is never plain. */
export type MessageShape = readonly (FieldShape | undefined)[];

/**
 * Whether bytes that a codec could decode are, beyond doubt, what it would encode again: known fields, rising, once each; the
 * shortest lengths and numbers; no default values; integers below 2^53; text in ASCII.
 * @returns false where it is not sure: then only encoding again can tell
 */
export function isPlainlyCanonical(bytes: Uint8Array, shape: MessageShape): boolean {
  return isPlainMessage(bytes, 0, bytes.length, shape);
}

function isPlainMessage(bytes: Uint8Array, start: number, end: number, shape: MessageShape): boolean {
  let [at, last] = [start, 0];
  while (at < end) {
    const tag = varintAt(bytes, at, end);
    if (tag < 0) return false;
    at += bytesOf(tag);
    const number = tag >>> 3;
    const field = shape[number];
    if (field === undefined || number < last || (number === last && !field.isRepeated)) return false;
    last = number;
    at = endOfValue(bytes, at, end, tag & 7, field);
    if (at < 0) return false;
  }
  return at === end;
}

/** @returns where the value ends; −1 if it is not plain */
function endOfValue(bytes: Uint8Array, at: number, end: number, wireType: number, field: FieldShape): number {
  const { kind, isRepeated } = field;
  if (kind === 'varint' || kind === 'bool') {
    const value = wireType === VARINT ? varintAt(bytes, at, end) : -1;
    // Repeated numbers are packed, which is not plain.
    const isPlain = kind === 'bool' ? value === 1 : value > 0;
    return isPlain && !isRepeated ? at + bytesOf(value) : -1;
  }
  if (kind === 'fixed64') return wireType === FIXED64 && !isRepeated ? endOfFixed(bytes, at, end) : -1;
  const length = wireType === LENGTH_DELIMITED ? varintAt(bytes, at, end) : -1;
  if (length < 0) return -1;
  const [from, to] = [at + bytesOf(length), at + bytesOf(length) + length];
  if (to > end) return -1;
  if (kind === 'message') return field.fields && isPlainMessage(bytes, from, to, field.fields) ? to : -1;
  if (length === 0 && !isRepeated) return -1;
  return kind === 'bytes' || isAscii(bytes, from, to) ? to : -1;
}

const [VARINT, FIXED64, LENGTH_DELIMITED] = [0, 1, 2];

/** In its shortest form and below 2^28; −1 otherwise. */
function varintAt(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 4 && at + i < end; i++) {
    const byte = bytes[at + i] as number;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return byte === 0 && i > 0 ? -1 : value;
  }
  return -1;
}

function bytesOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}

/** Not zero, and below 2^53: a double holds it. */
function endOfFixed(bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end || bytes[at + 7] !== 0 || (bytes[at + 6] as number) > 0x1f) return -1;
  for (let i = 0; i < 7; i++) if (bytes[at + i] !== 0) return at + 8;
  return -1;
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}
