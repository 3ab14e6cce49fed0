import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { readLogAt } from './read-log-at.js';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A log whose every file is the token with which it is asked for. */
const showing = async (status: number): Promise<string> => {
  server = createServer(({ headers }, response) => response.writeHead(status).end(headers.authorization));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

it('reads a file of a log with the token, and nothing where it has more bytes than are asked for', async () => {
  const read = readLogAt(`${await showing(200)}/`, 'of auditors');
  expect((await read('checkpoint', 100))?.toString()).toBe('Bearer of auditors');
  expect(await read('checkpoint', 10)).toBeUndefined();
});

it('knows a file that is not there', async () => {
  expect(await readLogAt(await showing(404))('checkpoint', 100)).toBeUndefined();
});

it('reads a file of a log in a folder, and nothing where there is none, or one with more bytes', async () => {
  const read = readLogAt(import.meta.dirname);
  expect((await read('read-log-at.ts', 10_000))?.toString()).toContain('export function readLogAt');
  expect(await read('read-log-at.ts', 10)).toBeUndefined();
  expect(await read('checkpoint', 100)).toBeUndefined();
});

it('says of a log in a folder nothing where the system does not let it read', async () => {
  const tooLong = 'x'.repeat(300);
  await expect(readLogAt(import.meta.dirname)(tooLong, 100)).rejects.toMatchObject({
    code: 'unreachable',
    cause: { code: 'ENAMETOOLONG' },
  });
});

it.each([204, 302, 401, 500])('says of a log that answers %i nothing but that', async (status) => {
  const url = await showing(status);
  const words = status === 302 ? `${url} does not answer.` : `${url} answers ${status}.`;
  await expect(readLogAt(url)('checkpoint', 100)).rejects.toMatchObject({
    code: 'unreachable',
    message: words,
  });
});
