import { asciiAt } from './ascii-at.js';

/** Takes the fields of a message in rising order, each once. Made from its proto, in `gen/readers.js`. */
export type MessageReader<T = object> = (reader: PlainReader) => T;

/**
 * Reads bytes that are, beyond doubt, what encoding the result again would give: known fields, rising, once each; the shortest
 * lengths and numbers; no default values; integers below 2^53; text in ASCII. An attacker controls every byte.
 * @returns undefined where it is not sure: then only decoding and encoding again can tell
 */
export function readPlain<T>(bytes: Buffer, read: MessageReader<T>): T | undefined {
  try {
    return new PlainReader(bytes).whole(read);
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

// Thrown as it is: an error's stack would cost more than the reading.
const NOT_PLAIN = Symbol('not plainly canonical');

/** A place in the bytes. Each method takes the value that comes next, and goes on to the field behind it. */
export class PlainReader {
  /** Number and kind of the field that comes next, as encoded; 0, which no field has, where the message ends. */
  tag = 0;
  private at = 0;
  private end: number;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  whole<T>(read: MessageReader<T>): T {
    this.next();
    const value = read(this);
    // INVARIANT: each field is asked for once, in rising order. What is left is unknown, once too often, or out of order.
    if (this.tag !== 0) throw NOT_PLAIN;
    return value;
  }

  message<T>(read: MessageReader<T>): T {
    const { end } = this;
    const length = this.length();
    this.end = this.at + length;
    const value = this.whole(read);
    this.end = end;
    this.next();
    return value;
  }

  messages<T>(tag: number, read: MessageReader<T>): T[] {
    const values: T[] = [];
    while (this.tag === tag) values.push(this.message(read));
    return values;
  }

  text(): string {
    return filled(this.anyText());
  }

  texts(tag: number): string[] {
    const values: string[] = [];
    while (this.tag === tag) values.push(this.anyText());
    return values;
  }

  blob(): Uint8Array {
    return filled(this.anyBlob());
  }

  blobs(tag: number): Uint8Array[] {
    const values: Uint8Array[] = [];
    while (this.tag === tag) values.push(this.anyBlob());
    return values;
  }

  varint(): number {
    const value = this.number();
    if (value === 0) throw NOT_PLAIN;
    this.next();
    return value;
  }

  bool(): boolean {
    if (this.varint() !== 1) throw NOT_PLAIN;
    return true;
  }

  fixed64(): number {
    if (this.at + 8 > this.end) throw NOT_PLAIN;
    const low = this.fixed32();
    const high = this.fixed32();
    const value = high * 2 ** 32 + low;
    // A double holds it.
    if (value === 0 || high > 0x1fffff) throw NOT_PLAIN;
    this.next();
    return value;
  }

  private fixed32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    return low + (bytes[at + 3] as number) * 2 ** 24;
  }

  /** In a list it may be empty. */
  private anyText(): string {
    const length = this.length();
    const text = asciiAt(this.bytes, this.at, this.at + length);
    if (text === undefined) throw NOT_PLAIN;
    this.at += length;
    this.next();
    return text;
  }

  /** A view of the bytes. */
  private anyBlob(): Uint8Array {
    const length = this.length();
    const blob = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    this.next();
    return blob;
  }

  private length(): number {
    const length = this.number();
    if (this.at + length > this.end) throw NOT_PLAIN;
    return length;
  }

  private next(): void {
    if (this.at === this.end) {
      this.tag = 0;
      return;
    }
    this.tag = this.number();
    if (this.tag === 0) throw NOT_PLAIN;
  }

  /** A varint in its shortest form, below 2^28. */
  private number(): number {
    let value = 0;
    for (let shift = 0; shift < 28 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0) break;
      return value;
    }
    throw NOT_PLAIN;
  }
}

function filled<T extends { readonly length: number }>(value: T): T {
  if (value.length === 0) throw NOT_PLAIN;
  return value;
}
