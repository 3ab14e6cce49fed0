import type { MsgHdrs } from 'nats';

// For this package's own tests: header blocks as somebody writes them who wants to harm whoever reads them.

const lines = (...all: string[]): string => ['NATS/1.0', ...all, '', ''].join('\r\n');
const names = (length: number) => Array.from({ length }, (_, n) => `${n.toString(36)}:`);

export const HOSTILE_BLOCKS: readonly (readonly [name: string, block: string])[] = [
  ['a line break in a value', lines('X: a\nb')],
  ['a blank in a name', lines('X y: b')],
  ['a name that is no ASCII', lines('\u00e9: b')],
  ['the status of a heartbeat', 'NATS/1.0 100 Idle Heartbeat\r\n\r\n'],
  ['the status of no messages', 'NATS/1.0 404 No Messages\r\n\r\n'],
  ['the status of an expired request', 'NATS/1.0 408 Request Timeout\r\n\r\n'],
  ['the status of a deleted consumer', 'NATS/1.0 409 Consumer Deleted\r\n\r\n'],
  ['the status of nobody there', 'NATS/1.0 503\r\n\r\n'],
  ['no first line', 'hello'],
  ['no end', 'NATS/1.0\r\nX: a'],
  ['traceparents without number', lines(...Array(900).fill(`traceparent: ${'a'.repeat(55)}`))],
  ['a traceparent with a line break', lines('traceparent: a\nb')],
  ['many names', lines(...names(9000))],
];

/** JetStream stores no more than 64 KiB of headers; what it does not store may have half a megabyte. */
export const LONG_HOSTILE_BLOCKS: typeof HOSTILE_BLOCKS = [
  ...HOSTILE_BLOCKS,
  ['very many traceparents', lines(...Array(7000).fill(`traceparent: ${'a'.repeat(55)}`))],
  ['very many names, each to be compared with each other', lines(...names(70_000))],
];

/** For `publish` and `request` of a plain connection: these bytes as they are. */
export const asHeaders = (block: string): { headers: MsgHdrs } => ({
  headers: { encode: () => new TextEncoder().encode(block) } as Partial<MsgHdrs> as MsgHdrs,
});
