import { headers, type Msg, type MsgHdrs } from 'nats';
import { readHeaders } from './read-headers.js';

const NAME = 'traceparent';
const NONE: readonly string[] = [];
/** As many as one message of ours carries: more is somebody's attempt to make us read. */
const MOST = 64;
/** Name, colon, blank and line end; and the first and last lines of a header block. */
const AROUND = NAME.length + 4;
const BLOCK = 16;

/** Nothing if there is nothing to say: the message has no header then. */
export function traceHeaders(traceparents: readonly string[] = NONE): { headers?: MsgHdrs } {
  if (traceparents.length === 0) return {};
  const block = headers();
  for (const one of traceparents.slice(0, MOST)) block.append(NAME, one);
  return { headers: block };
}

/** Bytes that they take beside those of the message. */
export const traceSize = (traceparents: readonly string[] = NONE): number =>
  traceparents.length === 0
    ? 0
    : traceparents.slice(0, MOST).reduce((sum, { length }) => sum + length + AROUND, BLOCK);

export const readTraceparents = (message: Msg): readonly string[] =>
  readHeaders(message).valuesOf(NAME).slice(0, MOST);
