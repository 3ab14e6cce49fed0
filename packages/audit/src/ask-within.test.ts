import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { askWithin } from './ask-within.js';

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

/** With redirects refused, as whoever asks strangers does: only then does Node 20 not hold the signal itself. */
const ask = (url: string, maxBytes: number, more: { onlyOf?: number; withinMs?: number } = {}) =>
  askWithin(url, { redirect: 'error' }, { withinMs: 60_000, maxBytes, from: 'the log', ...more });

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
  expect([status, ok, headers.get('x-said'), body?.toString()]).toEqual([200, true, 'yes', 'twelve bytes']);
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
  const silent = { code: 'unreachable', message: 'the log does not answer.', cause: expect.any(TypeError) };
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
