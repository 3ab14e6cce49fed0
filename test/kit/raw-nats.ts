import { createPrivateKey, sign } from 'node:crypto';
import { connect } from 'node:net';
import { userPublicKey } from '@entente/bus';
import { waitFor } from './wait.js';

export interface RawMessage {
  readonly subject: string;
  readonly data: string;
  /** The server's own answer that nobody listens to the subject that was asked. */
  readonly nobodyThere: boolean;
}

export type RawNats = Awaited<ReturnType<typeof dial>>;

/** A NATS client without manners: it sends whatever it is told to, to whatever server lets it in, and reads what comes back. */
export async function openRawNats(port: number, seed?: string): Promise<RawNats> {
  for (;;) {
    const raw = await dial(port, seed);
    // A server gives a client two seconds to say who it is, which on a busy machine may be too few.
    if (!raw.errors.some((error) => error.includes('Authentication Timeout'))) return raw;
  }
}

async function dial(port: number, seed: string | undefined) {
  const socket = connect({ host: '127.0.0.1', port });
  const errors: string[] = [];
  const messages: RawMessage[] = [];
  let unread = Buffer.alloc(0);
  let pongs = 0;
  let isClosed = false;
  let nextSid = 1;
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let end = unread.indexOf('\r\n'); end !== -1; end = unread.indexOf('\r\n')) {
      const [word = '', ...rest] = unread.toString('latin1', 0, end).split(' ');
      const size = word.endsWith('MSG') ? Number(rest.at(-1)) + 2 : 0;
      if (unread.length < end + 2 + size) return;
      const whole = unread.toString('latin1', end + 2, end + size);
      unread = unread.subarray(end + 2 + size);
      if (word === 'INFO') socket.write(`CONNECT ${credentials(rest.join(' '), seed)}\r\nPING\r\n`);
      if (word === 'PING') socket.write('PONG\r\n');
      if (word === 'PONG') pongs += 1;
      if (word === '-ERR') errors.push(rest.join(' '));
      if (size > 0) messages.push(toMessage(word, rest, whole));
    }
  });
  const flush = async () => {
    const before = pongs;
    socket.write('PING\r\n');
    await waitFor('the server', async () => (isClosed || pongs > before ? true : undefined));
  };
  await waitFor('a NATS server', async () => (isClosed || pongs > 0 ? true : undefined));
  return {
    errors,
    messages,
    isClosed: () => isClosed,
    flush,
    /** @param headers lines like `name: value`, or a whole block of them, byte for byte */
    publish: (
      subject: string,
      data: Uint8Array | string = '',
      reply = '',
      headers: readonly string[] | string = [],
    ) => {
      const block = Buffer.from(typeof headers === 'string' ? headers : blockOf(headers));
      const bytes = Buffer.concat([block, Buffer.from(data)]);
      const sizes = block.length > 0 ? `${block.length} ${bytes.length}` : `${bytes.length}`;
      const word = block.length > 0 ? 'HPUB' : 'PUB';
      socket.write(Buffer.concat([Buffer.from(`${word} ${subject} ${reply} ${sizes}\r\n`), bytes, CRLF]));
    },
    subscribe: (subject: string) => socket.write(`SUB ${subject} ${nextSid++}\r\n`),
    close: () => socket.destroy(),
  };
}

const blockOf = (lines: readonly string[]): string =>
  lines.length > 0 ? ['NATS/1.0', ...lines, '', ''].join('\r\n') : '';

const CRLF = Buffer.from('\r\n');

function toMessage(word: string, rest: readonly string[], whole: string): RawMessage {
  const headerBytes = word === 'HMSG' ? Number(rest.at(-2)) : 0;
  return {
    subject: rest[0] ?? '',
    data: whole.slice(headerBytes),
    nobodyThere: whole.startsWith('NATS/1.0 503'),
  };
}

function credentials(info: string, seed: string | undefined): string {
  const about = {
    verbose: false,
    pedantic: false,
    headers: true,
    no_responders: true,
    lang: 'raw',
    version: '1',
  };
  if (seed === undefined) return JSON.stringify(about);
  const { nonce } = JSON.parse(info) as { nonce: string };
  const sig = sign(null, Buffer.from(nonce), privateKey(seed)).toString('base64url');
  return JSON.stringify({ ...about, nkey: userPublicKey(seed), sig });
}

/** An NKEY seed is base32 of two prefix bytes, the 32 bytes of the Ed25519 key and a checksum. */
function privateKey(seed: string) {
  const bits = [...seed].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const key = Buffer.concat([PKCS8_ED25519, bytes.subarray(2, 34)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
