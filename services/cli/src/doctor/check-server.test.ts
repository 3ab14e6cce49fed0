import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { checkServers } from './check-server.js';
import type { Finding } from './finding.js';

const open: Server[] = [];
afterEach(() => open.splice(0).forEach((server) => void server.close()));

/** Says what a server says first. */
async function serverOf(version: string): Promise<string> {
  const server = createServer((socket) => socket.end(`INFO ${JSON.stringify({ version })}\r\n`));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return `nats://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
}

async function statesOf(urls: readonly string[], isLive = false): Promise<string[]> {
  const found: Pick<Finding, 'what' | 'state'>[] = [];
  await checkServers(urls.join(','), isLive, (what, state) => void found.push({ what, state }));
  return found.map(({ what, state }) => `${what}: ${state}`).sort();
}

it('asks each server of a cluster, and hides no fault of one behind another', async () => {
  const urls = [await serverOf('2.12.7'), await serverOf('2.9.10'), 'nats://127.0.0.1:1'];
  expect(await statesOf(urls, true)).toEqual([
    'NATS server: bad',
    'NATS server: ok',
    'NATS server: ok',
    'NATS version: bad',
  ]);
});

it('refuses a mixture of servers with TLS and without', async () => {
  expect(await statesOf(['tls://a.example:4222', await serverOf('2.12.7')])).toEqual(['NATS server: bad']);
});
