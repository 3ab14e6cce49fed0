import type { Msg } from 'nats';

/** What of a message's headers is read here, whatever they are. */
export interface ReadHeaders {
  /** That of the server's own messages; 0 if there is none. */
  readonly status: number;
  readonly reason: string;
  /** In the order of the lines; names are compared as they are written. */
  valuesOf(name: string): readonly string[];
}

/** Twice what one message of ours carries. */
const MOST_BYTES = 8192;
const FIRST_LINE = /^NATS\/1\.0(?: +(\d{3})(?: +([^\r\n]*))?)? *\r\n/;
const NONE: ReadHeaders = { status: 0, reason: '', valuesOf: () => [] };

/**
 * Headers that are no such thing, or too long, are read as none; nothing is thrown.
 *
 * INVARIANT: nothing in this package reads `headers` of a message that came. Whoever sent it chose every byte, and the server looks
 * at none. nats.js decodes them when they are first asked for: it throws at what is malformed, inside its own reading of the
 * connection, which then reads nothing more; and it takes a minute, in which nothing else runs, for half a megabyte of different names.
 */
export function readHeaders(message: Msg): ReadHeaders {
  const block = blockOf(message);
  const first = FIRST_LINE.exec(block);
  if (!first) return NONE;
  const lines = block.slice(first[0].length).split('\r\n');
  return {
    status: Number(first[1] ?? 0),
    reason: first[2] ?? '',
    valuesOf: (name) =>
      lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trim()] : [])),
  };
}

// nats.js gives out the data, which stand in its buffer behind the headers, and the size of both with the subjects; that its messages
// have `size` its types do not say. Where a subject is no UTF-8 the sum is wrong: then no first line is found.
function blockOf(message: Msg): string {
  const { data, subject, reply = '' } = message;
  const sizeOfAll = (message as Msg & { size(): number }).size();
  const length = sizeOfAll - Buffer.byteLength(subject) - Buffer.byteLength(reply) - data.length;
  const start = data.byteOffset - length;
  if (length <= 0 || length > MOST_BYTES || start < 0) return '';
  return Buffer.from(data.buffer, start, length).toString('latin1');
}
