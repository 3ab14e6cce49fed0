import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAuditors } from '@entente/audit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderOf } from './log-folders.js';
import { serveLog } from './serve-log.js';

const HASH = 'ab'.repeat(32);
const ORIGIN = 'log.example/de/2026';
const reads: string[] = [];
const faults: string[] = [];
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
  writeFileSync(join(dir, 'checkpoints'), 'earlier checkpoints');
  const archiveDir = join(root, 'archive');
  mkdirSync(archiveDir);
  writeFileSync(join(archiveDir, `${HASH}.pack`), 'a pack');
  writeFileSync(join(archiveDir, `${HASH}.12.pack`), 'its version 12');
  symlinkSync(join(root, 'ledger.sqlite'), join(archiveDir, `${HASH}.directory`));
  reads.length = 0;
  faults.length = 0;
  await start(archiveDir);
});
afterEach(async () => {
  await stop();
  rmSync(root, { recursive: true });
});

async function start(archiveDir: string): Promise<void> {
  const readRecords = (origin: string, index: number, width: number) => {
    if (index === 9) throw new Error('the disk cannot be read');
    return index === 0 && width <= 3 ? Buffer.from(`${width} records of ${origin}`) : undefined;
  };
  const onFault = (error: unknown) => faults.push((error as Error).message);
  const { find: findAuditor } = parseAuditors('court token-of-auditors\nministry another-token-of-theirs');
  const onRead = async (auditor: string, bundle: number) => {
    if (bundle === 0 && isBroken) throw new Error('nothing can be appended');
    reads.push(`${auditor} ${bundle}`);
  };
  const places = { dataDir: root, origin: ORIGIN, readRecords, archiveDir };
  const server = serveLog({ ...places, port: 0, findAuditor, onRead, onFault });
  port = await server.start();
  stop = server.stop;
}

/** As it is written: `fetch` would tidy a path up before it sends it. On a connection of its own: the server ends one that was idle. */
function get(path: string, authorization = '', method = 'GET'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path, method, headers: { authorization }, agent: false },
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
  expect((await get('/checkpoints')).text).toBe('earlier checkpoints');
  for (const [path, text] of [
    ['/tile/entries/000.p/3', 'entries'],
    ['/records/000.p/3', `3 records of ${ORIGIN}`],
    [`/archive/${HASH}.pack`, 'a pack'],
    [`/archive/${HASH}.12.pack`, 'its version 12'],
  ] as const) {
    expect(await get(path)).toMatchObject({ status: 401 });
    expect(await get(path, 'Bearer wrong')).toMatchObject({ status: 401 });
    expect(await get(path, 'Bearer token-of-auditors')).toEqual({ status: 200, text });
  }
});

test('gives the same of each log under its origin, to the same readers', async () => {
  const next = 'log.example/de/2027';
  const tiles = join(folderOf(root, next), 'log');
  mkdirSync(join(tiles, 'tile/entries/000.p'), { recursive: true });
  writeFileSync(join(tiles, 'checkpoints'), 'of the next');
  writeFileSync(join(tiles, 'tile/entries/000.p/1'), 'its entry');
  expect(await get(`/${next}/checkpoints`)).toEqual({ status: 200, text: 'of the next' });
  expect((await get(`/${ORIGIN}/checkpoints`)).text).toBe('earlier checkpoints');
  for (const [path, text] of [
    [`/${next}/tile/entries/000.p/1`, 'its entry'],
    [`/${next}/records/000.p/1`, `1 records of ${next}`],
    [`/${ORIGIN}/records/000.p/1`, `1 records of ${ORIGIN}`],
    [`/${next}/archive/${HASH}.pack`, 'a pack'],
  ] as const) {
    expect(await get(path)).toMatchObject({ status: 401 });
    expect(await get(path, 'Bearer token-of-auditors')).toEqual({ status: 200, text });
  }
  for (const path of [`/${next}/archive/${HASH}.directory`, `/${next}/archive/../log/origin.json`])
    expect(await get(path, 'Bearer token-of-auditors')).toMatchObject({ status: 404 });
});

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
  '/records/000.p/4',
  '/records/001',
  '/records/0',
  '/records/../checkpoint',
  '/archive/',
  `/archive/${HASH}.directory`,
  `/archive/${HASH.toUpperCase()}.pack`,
  `/archive/${HASH}.pack/`,
  `/archive/${HASH}.012.pack`,
  `/archive/${HASH}.13.pack`,
  '/archive/../ledger.sqlite',
  `/archive/../log/${HASH}.pack`,
])('gives nothing for %s', async (path) => {
  expect((await get(path, 'Bearer token-of-auditors')).status).toBe(404);
});

test('says who has read which bundle, and nothing of tiles and checkpoints', async () => {
  await get('/tile/entries/000.p/3', 'Bearer token-of-auditors');
  await get('/tile/entries/000.p/3', 'Bearer another-token-of-theirs');
  await get('/tile/0/000', 'Bearer token-of-auditors');
  await get('/checkpoint', 'Bearer token-of-auditors');
  await get(`/archive/${HASH}.pack`, 'Bearer token-of-auditors');
  await get('/tile/entries/000.p/3', 'Bearer wrong');
  await get('/records/007', 'Bearer token-of-auditors');
  expect(reads).toEqual(['court 0', 'ministry 0']);
  await get('/records/000.p/3', 'Bearer another-token-of-theirs');
  expect(reads).toEqual(['court 0', 'ministry 0', 'ministry 0']);
});

test('hands out no bundle of which that cannot be said', async () => {
  isBroken = true;
  try {
    for (const path of ['/tile/entries/000.p/3', '/records/000.p/3'])
      expect((await get(path, 'Bearer token-of-auditors')).status).toBe(503);
    expect((await get('/tile/0/000')).status).toBe(200);
    expect(faults).toEqual(['nothing can be appended', 'nothing can be appended']);
  } finally {
    isBroken = false;
  }
});

test('lives on where records cannot be read, and says why to its operator alone', async () => {
  const answer = await get('/records/009', 'Bearer token-of-auditors');
  expect(answer).toEqual({ status: 500, text: 'not now\n' });
  expect(faults).toEqual(['the disk cannot be read']);
  expect((await get('/records/000.p/3', 'Bearer token-of-auditors')).status).toBe(200);
});

test('does not say of a file that cannot be opened that there is none', async () => {
  await stop();
  await start(join(root, 'x'.repeat(300)));
  expect((await get(`/archive/${HASH}.pack`, 'Bearer token-of-auditors')).status).toBe(500);
  expect(faults).toEqual([expect.stringContaining('ENAMETOOLONG')]);
});

test('takes nothing', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await get('/checkpoint', '', method)).status).toBe(405);
});
