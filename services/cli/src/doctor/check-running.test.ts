import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkRunning } from './check-running.js';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function answering(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return String((server.address() as AddressInfo).port);
}

async function found(port: string): Promise<unknown[]> {
  const findings: unknown[] = [];
  await checkRunning({ OPERATION_PORT: port }, Date.now(), (...finding) => findings.push(finding));
  return findings;
}

test('a service says what it lacks', async () => {
  const needs = { database: true, bus: false };
  const port = await answering((_, response) =>
    response.writeHead(503).end(JSON.stringify({ ok: false, needs })),
  );
  expect(await found(port)).toEqual([['health', 'bad', 'it lacks: bus']]);
});

test('what is on the port of a service and is none says as much as it likes, and is read no further than that', async () => {
  const port = await answering((_, response) => {
    const more = () => {
      if (response.destroyed) return;
      if (response.write(Buffer.alloc(65_536, ' '))) setImmediate(more);
      else response.once('drain', more);
    };
    more();
  });
  const words = `nothing answers on port ${port}: what is there says more than 1048576 bytes`;
  expect(await found(port)).toEqual([['health', 'bad', words]]);
});

test('nobody there', async () => {
  const port = await answering((request) => request.socket.destroy());
  expect(await found(port)).toEqual([['health', 'bad', `nothing answers on port ${port}: socket hang up`]]);
});
