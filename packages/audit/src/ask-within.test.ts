import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { askWithin } from './ask-within.js';
import { makeTestTsa } from './fixture/test-tsa.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answering(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return await listening(server);
}

const ask = (url: string, maxBytes: number, more: { onlyOf?: number; withinMs?: number } = {}) =>
  askWithin(url, {}, { withinMs: 60_000, maxBytes, from: 'the log', ...more });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** For whoever has to be given up, and is asked within that time also by a machine that is busy. */
const HASTY_MS = 3000;

/** Goes on for as long as somebody listens. */
function drip(to: NodeJS.WritableStream, text: string, meanwhile = () => {}): { isGone: boolean } {
  const state = { isGone: false };
  const timer = setInterval(() => {
    to.write(text);
    meanwhile();
  }, 50);
  to.on('close', () => {
    clearInterval(timer);
    state.isGone = true;
  });
  return state;
}

it('reads as much as is asked for, and nothing where there is more', async () => {
  const url = await answering((response) => response.setHeader('x-said', 'yes').end('twelve bytes'));
  const { status, ok, headers, body } = await ask(url, 12);
  expect([status, ok, headers['x-said'], body?.toString()]).toEqual([200, true, 'yes', 'twelve bytes']);
  expect(await ask(url, 11)).toMatchObject({ status: 200, body: undefined });
  const empty = await answering((response) => response.writeHead(204).end());
  expect((await ask(empty, 12)).body).toHaveLength(0);
});

it('ends whoever sends more than is asked for', async () => {
  let state = { isGone: false };
  const url = await answering((response) => {
    state = drip(response, 'x'.repeat(100));
  });
  expect((await ask(url, 1000)).body).toBeUndefined();
  await expect.poll(() => state.isGone).toBe(true);
});

it('takes nothing that is encoded, for nobody has asked for it, and an empty answer whatever it says of that', async () => {
  const said: unknown[] = [];
  const server = createServer((request, response) => {
    said.push(request.headers['accept-encoding']);
    response.setHeader('content-encoding', request.url?.slice(1) ?? '');
    response.end(request.url === '/identity' ? 'plain' : request.url === '/gzip' ? gzipSync('x') : '');
  });
  stops.push(async () => void server.close());
  const url = await listening(server);
  expect((await ask(`${url}/identity`, 12)).body?.toString()).toBe('plain');
  await expect(ask(`${url}/gzip`, 100)).rejects.toMatchObject({ code: 'unreachable' });
  expect((await ask(`${url}/br`, 12)).body).toHaveLength(0);
  expect(said).toEqual(['identity', 'identity', 'identity']);
});

it('takes an answer in parts of one byte each', async () => {
  const url = await answering((response) => {
    for (let n = 0; n < 5000; n += 1) response.write('x');
    response.end();
  });
  expect((await ask(url, 5000)).body?.toString()).toBe('x'.repeat(5000));
  expect((await ask(url, 4999)).body).toBeUndefined();
});

it.each([301, 302, 303, 307, 308])('follows nobody elsewhere: %i is no answer', async (status) => {
  let asked = 0;
  const elsewhere = await answering((response) => {
    asked += 1;
    response.end();
  });
  const url = await answering((response) => response.writeHead(status, { location: elsewhere }).end('x'));
  await expect(ask(url, 12)).rejects.toMatchObject({ code: 'unreachable' });
  expect(asked).toBe(0);
});

it.each(['file:///etc/hostname', 'data:,x', 'no address', 'http://user:word@127.0.0.1:1/'])(
  'does not ask %s',
  async (url) => {
    await expect(ask(url, 12)).rejects.toMatchObject({ code: 'unreachable', cause: expect.any(TypeError) });
  },
);

it('does not take a header for two', async () => {
  const url = await answering((response) => response.end());
  const headers = { 'x-said': 'a\r\nx-more: b' };
  const asked = askWithin(url, { headers }, { withinMs: 60_000, maxBytes: 12 });
  await expect(asked).rejects.toMatchObject({ code: 'unreachable', cause: expect.any(TypeError) });
});

it('does not believe a certificate that nobody has signed', async () => {
  const { dir, remove } = makeTestTsa();
  stops.push(async () => remove());
  const [key, cert] = ['root.key', 'root.pem'].map((name) => readFileSync(join(dir, name)));
  const server = createTlsServer({ key, cert }, (_, response) => response.end('x'));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  const url = (await listening(server)).replace('http:', 'https:');
  const cause = { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
  await expect(ask(url, 12)).rejects.toMatchObject({ code: 'unreachable', cause });
});

it('asks again on the connection of a whole answer, and never on that of another', async () => {
  const ports: unknown[] = [];
  const url = await answering((response) => {
    ports.push(response.req.socket.remotePort);
    response.end('twelve bytes');
  });
  for (const maxBytes of [12, 12, 11, 12]) await ask(url, maxBytes);
  const [first, second, third, fourth] = ports;
  expect([second, third]).toEqual([first, first]);
  expect(fourth).not.toBe(first);
});

it('waits for nothing of an answer whose status is not the one that is wanted', async () => {
  const url = await answering((response) => void drip(response.writeHead(404), 'x'));
  expect(await ask(url, 1_000_000, { onlyOf: 200 })).toMatchObject({ status: 404, ok: false });
});

it('says that nobody answers, and that an answer broke off', async () => {
  const url = await answering((response) => {
    response.writeHead(200, { 'content-length': '12' }).write('twelve', () => response.destroy());
  });
  const brokeOff = { code: 'unreachable', message: 'the log broke off.' };
  await expect(ask(url, 12)).rejects.toMatchObject(brokeOff);
  await stops.pop()?.();
  const silent = {
    code: 'unreachable',
    message: 'the log does not answer.',
    cause: { code: 'ECONNREFUSED' },
  };
  await expect(ask(url, 12)).rejects.toMatchObject(silent);
});

it('ends with its time, however slowly bytes come, also where garbage is collected meanwhile', async () => {
  let state = { isGone: false };
  const url = await answering((response) => {
    state = drip(response, 'x', collectGarbage);
  });
  const slow = ask(url, 1_000_000, { withinMs: HASTY_MS });
  await expect(slow).rejects.toMatchObject({ code: 'unreachable', cause: { name: 'TimeoutError' } });
  await expect.poll(() => state.isGone).toBe(true);
});

it('ends with its time also where not even the head of the answer comes to its end', async () => {
  let state = { isGone: false };
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined).write('HTTP/1.1 200 OK\r\nx-said: ');
    state = drip(socket, 'x', collectGarbage);
  });
  const url = await listening(server);
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  const slow = ask(url, 1_000_000, { withinMs: HASTY_MS });
  await expect(slow).rejects.toMatchObject({ code: 'unreachable', cause: { name: 'TimeoutError' } });
  await expect.poll(() => state.isGone).toBe(true);
});

it('asks once more where a kept connection was closed meanwhile, and what changes something on one of its own', async () => {
  const served = new WeakSet<object>();
  const server = createServer((request, response) => {
    if (served.has(request.socket)) return void request.socket.destroy();
    served.add(request.socket);
    response.end(request.method);
  });
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = await listening(server);
  const bounds = { withinMs: 60_000, maxBytes: 100 };
  for (const method of ['GET', 'GET', 'POST', 'POST', 'GET'])
    expect((await askWithin(url, { method }, bounds)).body?.toString()).toBe(method);
});

it('asks nobody twice who closes each connection', async () => {
  let asked = 0;
  const server = createServer((request) => {
    asked += 1;
    request.socket.destroy();
  });
  stops.push(async () => void server.close());
  await expect(ask(await listening(server), 12)).rejects.toMatchObject({ code: 'unreachable' });
  expect(asked).toBe(1);
});

it.each(['POST', 'PUT', 'DELETE'])('says what a %s says', async (method) => {
  const server = createServer((request, response) => void request.pipe(response));
  stops.push(async () => void server.close());
  const url = await listening(server);
  const words = 'words, and wörds';
  const { body } = await askWithin(url, { method, body: words }, { withinMs: 60_000, maxBytes: 100 });
  expect(body?.toString()).toBe(words);
});
