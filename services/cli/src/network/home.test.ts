import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { edgeClient } from './edge-client.js';
import { HomeError, paths, readHome } from './home.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-home-'));
});
afterEach(() => {
  chmodSync(dir, 0o700);
  rmSync(dir, { recursive: true, force: true });
});

/** Root may read everything: it is nobody for as long as this runs. */
function asOther<T>(run: () => T): T {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

it('says where there is no network how one is started', () => {
  expect(() => readHome(dir)).toThrow(HomeError);
  expect(() => readHome(dir)).toThrow(/There is no network in .*entente up --home/);
});

it('says of the network of another user that it may not be read, and not that there is none', () => {
  writeFileSync(paths.network(dir), '{}');
  chmodSync(dir, 0o000);
  expect(() => asOther(() => readHome(dir))).toThrow(/This user may not read .*network\.json/);
});

it('names the file of a token that an edge does not take', async () => {
  const edge = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"code":"unauthorized","message":"Send the header"}}');
  });
  await new Promise<void>((done) => edge.listen(0, '127.0.0.1', done));
  const { port: httpPort } = edge.address() as AddressInfo;
  const file = paths.secret(dir, 'isp.fr', 'http.token');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, 'another token');
  const members = [{ id: 'isp.fr', roles: ['hosting'], httpPort }];
  const home = { dir, nations: [{ code: 'FR', members }] } as unknown as Parameters<typeof edgeClient>[0];
  const asked = edgeClient(home, 'isp.fr').inbox();
  await expect(asked).rejects.toMatchObject({ status: 401, message: expect.stringContaining(file) });
  edge.closeAllConnections();
  edge.close();
});
