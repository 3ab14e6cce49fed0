import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { httpFiles, Unreachable } from './http-files.js';

const PATIENT = { timeoutMs: 120_000, retryAfterMs: [1, 1] };
/** For a server that has to be given up, and is asked within that time also by a machine that is busy. */
const HASTY = { ...PATIENT, timeoutMs: 3000 };

let server: Server | undefined;
let dir: string;
let tokenFile: string;
const asked: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-http-'));
  tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, 'a-token\n', { mode: 0o600 });
  asked.length = 0;
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** A server that answers as it likes. */
async function serving(answer: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const filesOf = async (answer: RequestListener, patience = PATIENT) =>
  httpFiles({ base: await serving(answer) }, patience);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whoever waits for it has no signal but its own: what nobody holds is collected meanwhile. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => {
    response.write('x');
    collectGarbage();
  }, 20);
  response.on('close', () => clearInterval(timer));
}

describe('a log over HTTP', () => {
  test('is read with the token, and what is not there is missing', async () => {
    const base = await serving((request, response) => {
      response.statusCode = request.url === '/log/checkpoint' ? 200 : 404;
      response.end('a note');
    });
    const files = httpFiles({ base: `${base}/log/`, tokenFile });
    expect(await files.read('checkpoint', 6)).toEqual(Buffer.from('a note'));
    expect(await files.read('tile/0/000', 6)).toBe('missing');
    expect(asked).toEqual(['GET /log/checkpoint Bearer a-token', 'GET /log/tile/0/000 Bearer a-token']);
  });

  test('is waited for while it restarts', async () => {
    let count = 0;
    const files = await filesOf((_request, response) => {
      count += 1;
      response.statusCode = count < 3 ? 503 : 200;
      response.end('x');
    });
    expect(await files.read('checkpoint', 1)).toEqual(Buffer.from('x'));
  });

  test('without its token says which option to use', async () => {
    const files = await filesOf((_request, response) => response.writeHead(401).end());
    await expect(files.read('tile/entries/000', 10)).rejects.toThrow('--token-file');
  });
});

describe('a server that wants to harm its auditor', () => {
  test('sends no more than was asked for, whatever it says of the length', async () => {
    let sent = 0;
    const files = await filesOf((_request, response) => {
      const more = () => {
        if (response.destroyed) return;
        sent += 65_536;
        if (response.write(Buffer.alloc(65_536))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    expect(await files.read('tile/0/000', 8192)).toBe('malformed');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test('hides no flood in a compressed body: that is not read', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const files = await filesOf((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    await expect(files.read('tile/0/000', 8192)).rejects.toBeInstanceOf(Unreachable);
  });

  test('leads nowhere else, and no token goes there', async () => {
    const files = httpFiles(
      {
        base: await serving((_, response) => response.writeHead(302, { location: '/other' }).end()),
        tokenFile,
      },
      PATIENT,
    );
    await expect(files.read('checkpoint', 10)).rejects.toBeInstanceOf(Unreachable);
    expect(asked.every((line) => line.includes('/checkpoint'))).toBe(true);
  });

  test.each([
    ['hangs up', 'hang'],
    ['sends less than it says', 'less'],
    ['fails', 'fail'],
  ])('and %s is not a log that is wrong', async (_what, how) => {
    const files = await filesOf((request, response) => {
      if (how === 'hang') request.socket.destroy();
      else if (how === 'fail') response.writeHead(500).end();
      else {
        response.writeHead(200, { 'content-length': '10' }).write('x');
        setTimeout(() => response.destroy(), 5);
      }
    });
    await expect(files.read('checkpoint', 1000)).rejects.toBeInstanceOf(Unreachable);
    expect(asked).toHaveLength(3);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['comes to an end', drip],
    ['begins', () => undefined],
  ])('and never %s is not a log that is wrong', async (_what, answer) => {
    const files = await filesOf((_request, response) => answer(response), HASTY);
    await expect(files.read('checkpoint', 10_000_000)).rejects.toBeInstanceOf(Unreachable);
    expect(asked).toHaveLength(3);
  });
});

test.each([
  'http://log.example',
  'https://user:password@log.example',
  'https://log.example/?x=1',
  'https://log.example/#x',
  'https://',
  'http://127.0.0.1.evil.example',
])('no token is sent to %s', (base) => {
  expect(() => httpFiles({ base, tokenFile })).toThrow(UsageError);
});

test('a token that others can read is not shown to anybody', async () => {
  const open = join(dir, 'open');
  writeFileSync(open, 'a-token', { mode: 0o644 });
  await expect(
    httpFiles({ base: 'http://127.0.0.1:9', tokenFile: open }).read('checkpoint', 9),
  ).rejects.toThrow('chmod 600');
});
