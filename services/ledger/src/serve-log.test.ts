import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecordPage } from '@entente/audit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAuditors } from './auditor-tokens.js';
import { serveLog } from './serve-log.js';
import { type NewEntry, openStore } from './store.js';

const reads: string[] = [];
let isBroken = false;
let root: string;
let port: number;
let stop: () => Promise<void>;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'entente-serve-'));
  const dir = join(root, 'log');
  mkdirSync(join(dir, 'tile/0'), { recursive: true });
  mkdirSync(join(dir, 'tile/entries/000.p'), { recursive: true });
  writeFileSync(join(dir, 'checkpoint'), 'a checkpoint');
  writeFileSync(join(dir, 'tile/0/000'), Buffer.alloc(8192, 1));
  writeFileSync(join(dir, 'tile/entries/000.p/3'), 'entries');
  writeFileSync(join(root, 'ledger.sqlite'), 'the records');
  symlinkSync(join(root, 'ledger.sqlite'), join(dir, 'tile/0/001'));
  reads.length = 0;
  const findAuditor = parseAuditors('court token-of-auditors\nministry another-token-of-theirs');
  const onRead = async (auditor: string, bundle: number) => {
    if (bundle === 0 && isBroken) throw new Error('nothing can be appended');
    reads.push(`${auditor} ${bundle}`);
  };
  const server = serveLog({ dataDir: root, origin: 'log.example/de/2026', port: 0, findAuditor, onRead });
  port = await server.start();
  stop = server.stop;
});
afterEach(async () => {
  await stop();
  rmSync(root, { recursive: true });
});

/** As it is written: `fetch` would tidy a path up before it sends it. */
function get(path: string, authorization = '', method = 'GET'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path, method, headers: { authorization } },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => {
          text += part.toString('latin1');
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject).end();
  });
}

test('gives checkpoint and tiles to everybody, entries to auditors', async () => {
  expect(await get('/checkpoint')).toEqual({ status: 200, text: 'a checkpoint' });
  expect((await get('/tile/0/000')).text).toHaveLength(8192);
  expect(await get('/tile/entries/000.p/3')).toMatchObject({ status: 401 });
  expect(await get('/tile/entries/000.p/3', 'Bearer wrong')).toMatchObject({ status: 401 });
  expect(await get('/tile/entries/000.p/3', 'Bearer token-of-auditors')).toEqual({
    status: 200,
    text: 'entries',
  });
});

test('gives pages of records to auditors only, and lives on where they cannot be read', async () => {
  expect(await get('/records/0')).toMatchObject({ status: 401 });
  expect(await get('/records/0', 'Bearer wrong')).toMatchObject({ status: 401 });
  // What lies there is no database.
  expect(await get('/records/0', 'Bearer token-of-auditors')).toMatchObject({ status: 503 });
  rmSync(join(root, 'ledger.sqlite'));
  const store = openStore(join(root, 'ledger.sqlite'));
  try {
    expect(await get('/records/0', 'Bearer token-of-auditors')).toMatchObject({ status: 404 });
    const texts = ['an old record', 'another record'];
    store.commit(0, { size: 2, note: 'a note', timeMs: 1 }, texts.map(entryOf), []);
    const { text } = await get('/records/0', 'Bearer token-of-auditors');
    const page = decodeRecordPage(Buffer.from(text, 'latin1'));
    expect(page.map(({ record }) => Buffer.from(record).toString())).toEqual(texts);
    expect(await get('/records/1', 'Bearer token-of-auditors')).toMatchObject({ status: 404 });
    expect(await get('/records/-1', 'Bearer token-of-auditors')).toMatchObject({ status: 404 });
    expect(await get('/records/01', 'Bearer token-of-auditors')).toMatchObject({ status: 404 });
  } finally {
    store.close();
  }
});

function entryOf(record: string, index: number): NewEntry {
  const key = { messageHash: Buffer.alloc(32, index), stage: 'leave', step: 'first' };
  const counted = { event: 'crossing', decision: 'permit', category: '' };
  const nothing = { claim: null, approval: null, adoption: null, erases: [], counted };
  const [leaf, salt] = [Buffer.from('a leaf'), Buffer.alloc(16)];
  return { index, key, leaf, salt, record: Buffer.from(record), ...nothing };
}

test.each([
  '/',
  '/../ledger.sqlite',
  '/tile/0/../../../ledger.sqlite',
  '/tile/0/%2e%2e/000',
  '//checkpoint',
  '/checkpoint/',
  '/checkpoint?x=1',
  '/tile/0/0',
  '/tile/0/000.p/300',
  '/tile/0/001',
  '/tile/0/002',
  '/tile/00/000',
])('gives nothing for %s', async (path) => {
  expect((await get(path, 'Bearer token-of-auditors')).status).toBe(404);
});

test('says who has read which bundle, and nothing of tiles and checkpoints', async () => {
  await get('/tile/entries/000.p/3', 'Bearer token-of-auditors');
  await get('/tile/entries/000.p/3', 'Bearer another-token-of-theirs');
  await get('/tile/0/000', 'Bearer token-of-auditors');
  await get('/checkpoint', 'Bearer token-of-auditors');
  await get('/tile/entries/000.p/3', 'Bearer wrong');
  expect(reads).toEqual(['court 0', 'ministry 0']);
});

test('hands out no bundle of which that cannot be said', async () => {
  isBroken = true;
  try {
    expect((await get('/tile/entries/000.p/3', 'Bearer token-of-auditors')).status).toBe(503);
    expect((await get('/tile/0/000')).status).toBe(200);
  } finally {
    isBroken = false;
  }
});

test('takes nothing', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await get('/checkpoint', '', method)).status).toBe(405);
});
