import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_REQUEST_BYTES } from '@entente/audit';
import { createLogger } from '@entente/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePublic } from './serve-public.js';
import { type MonitorStore, openStore } from './store.js';

const ORIGIN = 'entente.example/xx/2026';
let dir: string;
let store: MonitorStore;
let open: ReturnType<typeof servePublic>;
let port: number;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-public-'));
  store = openStore(join(dir, 'monitor.sqlite'));
  const witness = {
    findLog: () => undefined,
    memory: store.witness,
    cosigner: { key: undefined as never, sign: () => Buffer.alloc(64) },
    now: Date.now,
    onUnproved: () => undefined,
  };
  open = servePublic({ port: 0, store, witness, logger: createLogger('monitor', 'test') });
  port = await open.start();
  for (const [size, note] of [
    [10, 'ten\n'],
    [20, 'twenty\n'],
  ] as const)
    store.addStamped(ORIGIN, { size, note, stamp: Buffer.from(note), atMs: size });
});
afterAll(async () => {
  await open.stop();
  store.close();
  rmSync(dir, { recursive: true });
});

const ask = async (path: string, init: RequestInit = {}) =>
  await fetch(`http://127.0.0.1:${port}${path}`, init);

describe('what a monitor shows to everybody', () => {
  test('is the first time stamp that covers so many entries', async () => {
    const at = async (size: number) => await ask(`/${encodeURIComponent(ORIGIN)}/stamped/${size}`);
    expect(await (await at(3)).json()).toEqual({
      note: 'ten\n',
      stamps: [Buffer.from('ten\n').toString('base64')],
    });
    expect(await (await at(11)).json()).toMatchObject({ note: 'twenty\n' });
    expect((await at(21)).status).toBe(404);
  });

  test('is the largest checkpoint of a log that it has seen, or cosigned', async () => {
    const origin = 'entente.example/yy/2026';
    const largest = async () => await ask(`/${encodeURIComponent(origin)}/largest`);
    const root = Buffer.alloc(32);
    expect((await largest()).status).toBe(404);
    for (const [view, size] of [
      ['a', 7],
      ['b', 9],
    ] as const)
      store.set({ origin, view, size, root, note: `seen ${size}\n`, seenMs: 1 });
    expect(await (await largest()).text()).toBe('seen 9\n');
    expect(store.witness.advance(0, { origin, size: 12, root, note: 'cosigned 12\n' })).toBe(true);
    expect(await (await largest()).text()).toBe('cosigned 12\n');
    store.set({ origin, view: 'a', size: 15, root, note: 'seen 15\n', seenMs: 2 });
    expect(await (await largest()).text()).toBe('seen 15\n');
  });

  test.each([
    ['/', 404],
    ['/nobody/largest', 404],
    ['/checkpoint', 404],
    ['/nobody/checkpoint', 404],
    ['/%E0%A4%A/checkpoint', 404],
    ['/..%2f..%2fetc%2fpasswd/checkpoint', 404],
    [`/${encodeURIComponent(ORIGIN)}/stamped/-1`, 404],
    [`/${encodeURIComponent(ORIGIN)}/stamped/9999999999999999`, 404],
    ['/add-checkpoint', 405],
  ])('and nothing at %s', async (path, status) => {
    expect((await ask(path)).status).toBe(status);
  });

  test('takes no other method', async () => {
    expect((await ask(`/${encodeURIComponent(ORIGIN)}/checkpoint`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('a request to cosign', () => {
  const send = async (body: string | Uint8Array<ArrayBuffer>) =>
    (await ask('/add-checkpoint', { method: 'POST', body })).status;

  test('that is garbage, or of an unknown log, is refused', async () => {
    expect(await send('')).toBe(400);
    expect(await send(Buffer.alloc(1000, 0xff))).toBe(400);
    const root = Buffer.alloc(32).toString('base64');
    expect(
      await send(`old 0\n\nnobody\n1\n${root}\n\n— nobody ${Buffer.alloc(68).toString('base64')}\n`),
    ).toBe(404);
  });

  test('longer than the limit is refused before it has come', async () => {
    const socket = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
        if (text.includes('\r\n')) resolve(text.split('\r\n')[0] ?? '');
      });
      socket.on('error', () => resolve('broken off'));
      socket.on('close', () => resolve('broken off'));
    });
    socket.write(`POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: ${1e9}\r\n\r\n`);
    socket.write(Buffer.alloc(MAX_REQUEST_BYTES + 1, 65));
    expect(await answer).toMatch(/413|broken off/);
    socket.destroy();
  });

  test('that comes slowly keeps nobody waiting', async () => {
    const slow = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    let cut = 0;
    for (const socket of slow) {
      socket.on('error', () => undefined);
      socket.on('data', () => (cut += 1));
      socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold');
    }
    expect(await send('old 0\n')).toBe(400);
    expect(cut).toBe(0);
    for (const socket of slow) socket.destroy();
  });
});
