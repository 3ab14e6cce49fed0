import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readLogAt, readUpTo } from '@entente/audit';
import { afterEach, expect, it } from 'vitest';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

const answering = async (answer: (response: ServerResponse) => void): Promise<string> => {
  server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const read = async (url: string, maxBytes: number) => {
  const signal = AbortSignal.timeout(60_000);
  return await readUpTo(await fetch(url, { signal }), maxBytes, 'the log', signal);
};

it('reads as much as is asked for, and nothing where there is more', async () => {
  const url = await answering((response) => response.end('twelve bytes'));
  expect((await read(url, 12))?.toString()).toBe('twelve bytes');
  expect(await read(url, 11)).toBeUndefined();
  const empty = await answering((response) => response.writeHead(204).end());
  expect(await read(empty, 12)).toHaveLength(0);
});

it('says that an answer broke off', async () => {
  const url = await answering((response) => {
    response.writeHead(200, { 'content-length': '12' }).write('twelve', () => response.destroy());
  });
  await expect(read(url, 12)).rejects.toMatchObject({ code: 'unreachable' });
});

it('ends with its time, however slowly bytes come, also where garbage is collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  let isGone = false;
  const url = await answering((response) => {
    const drip = setInterval(() => {
      response.write('x');
      collectGarbage();
    }, 50);
    response.on('close', () => {
      clearInterval(drip);
      isGone = true;
    });
  });
  await expect(readLogAt(url)('checkpoint', 1_000_000)).rejects.toMatchObject({ code: 'unreachable' });
  await expect.poll(() => isGone).toBe(true);
});
