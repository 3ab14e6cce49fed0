import { Reader } from 'protobufjs/minimal.js';
import { SHAPES } from '../gen/shapes.js';
import { isPlainlyCanonical } from './is-plainly-canonical.js';
import { LIMITS } from './limits.js';
import { type HeaderFrame, header } from './wire.js';

/** Their tags: field 6 and field 8, with their lengths before them. */
const [FROM, TO] = [(6 << 3) | 2, (8 << 3) | 2];

/**
 * Between whom a header says that its message goes. As strict as reading all of it, at a fraction of the price where its encoding is
 * plain: then its fields stand in their order, each once, and what comes behind these two need not be read.
 * @throws Rejection `too-large`, `frame-malformed`
 */
export function readParties(bytes: Uint8Array): Pick<HeaderFrame, 'from' | 'to'> {
  if (bytes.length > LIMITS.seal || !isPlainlyCanonical(bytes, SHAPES.Header)) return header.decode(bytes);
  const reader = Reader.create(bytes);
  let [from, to] = ['', ''];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag > TO) break;
    if (tag === FROM) from = reader.string();
    else if (tag === TO) to = reader.string();
    else reader.skipType(tag & 7);
  }
  return { from, to };
}
