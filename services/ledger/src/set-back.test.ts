import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signCheckpoint } from '@entente/audit';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askOthers } from './ask-others.js';
import { type LedgerUnderTest, startLedger } from './fixture/test-ledger.js';
import { NOW, ORIGIN, record, tempDir } from './fixture/test-log.js';
import { adoptAgain, endRecord, NEXT, orderNext } from './fixture/test-succession.js';
import { folderOf } from './log-folders.js';
import { noteSigner } from './open-log.js';

const signer = await createSigner(await generateKey('Ed25519'));

/** What a monitor shows of the log: a note, another status, or (undefined) nothing, as nobody is there. */
let shown: string | number | undefined;
let monitor: Server;
let port: number;
let temp: ReturnType<typeof tempDir>;
let snapshot: string;
let clock: { nowMs: number };
let ledger: LedgerUnderTest | undefined;

beforeEach(async () => {
  temp = tempDir();
  snapshot = mkdtempSync(join(tmpdir(), 'entente-snapshot-'));
  clock = { nowMs: NOW };
  shown = 404;
  monitor = createServer((request, response) => {
    if (shown === undefined) return void request.socket.destroy();
    const isAsked = request.url === `/${encodeURIComponent(ORIGIN)}/largest`;
    const isNote = isAsked && typeof shown === 'string';
    response.writeHead(isNote ? 200 : isAsked ? Number(shown) : 404).end(isNote ? shown : '');
  });
  monitor.listen(0, '127.0.0.1');
  await once(monitor, 'listening');
  port = (monitor.address() as AddressInfo).port;
  await start();
  await adoptAgain(ledger as LedgerUnderTest);
});
afterEach(async () => {
  await ledger?.ledger.stop();
  monitor.close();
  temp.remove();
  rmSync(snapshot, { recursive: true });
});

async function start(): Promise<LedgerUnderTest> {
  const others = askOthers([`http://127.0.0.1:${port}`], () => clock.nowMs);
  ledger = await startLedger(temp.dir, signer, clock, { others });
  return ledger;
}
async function stop(): Promise<void> {
  await ledger?.ledger.stop();
  ledger = undefined;
}
const note = () => readFileSync(join(temp.dir, 'log', 'checkpoint'), 'utf8');

/** Everything of the folder, each file the one that it was: as the machine that it lies on is set back. */
function setBack(): void {
  for (const path of readdirSync(temp.dir, { recursive: true, encoding: 'utf8' })) {
    const [now, then] = [join(temp.dir, path), join(snapshot, path)];
    if (!existsSync(then)) rmSync(now, { recursive: true, force: true });
    else if (statSync(now).isFile()) copyFileSync(then, now);
  }
}

/** A ledger with three entries and a word that is set back to two of them. @returns what was signed last */
async function lose(): Promise<string> {
  await stop();
  cpSync(temp.dir, snapshot, { recursive: true });
  const [reply] = await (await start()).append(record('lost'));
  expect(reply?.refusal).toBe('');
  const last = note();
  await stop();
  setBack();
  expect(note()).not.toBe(last);
  return last;
}

test('a folder that is set back as a whole looks as if nothing had happened, where nobody can be asked', async () => {
  await lose();
  expect(await (await start()).outcomes(record('other'))).toEqual(['2025 3']);
});

test('where a monitor holds more, signed by the log itself, nothing is signed', async () => {
  shown = await lose();
  const before = note();
  await expect(start()).rejects.toThrow(
    /has 3 entries, but 4 were published.*entente ledger succeed --restored/,
  );
  expect(note()).toBe(before);
});

test('and an order opens a successor, which names what the monitor holds', async () => {
  shown = await lose();
  orderNext(temp.dir, { reason: 'restored', from: new Date(NOW).toISOString() });
  const open = await start();
  await adoptAgain(open);
  expect(await open.outcomes(record('other'))).toEqual([expect.stringMatching(/^2026 \d/)]);
  expect(endRecord(folderOf(temp.dir, NEXT), 'first').succession).toMatchObject({
    ...{ origin: ORIGIN, reason: 'restored', checkpoint: shown },
  });
});

test('while nobody answers it says so and goes on; once one answers, nothing is signed any more', async () => {
  const last = await lose();
  shown = undefined;
  const open = await start();
  // They may have been started with it.
  expect(open.alarms).toEqual([]);
  await open.ledger.turn();
  expect(open.alarms).toEqual([expect.stringContaining('not all who may have seen more of this log')]);
  expect(open.ledger.needs()).toMatchObject({ log: true });
  shown = last;
  await open.ledger.turn();
  expect(open.ledger.needs()).toMatchObject({ log: false });
  expect(open.alarms.at(-1)).toMatch(/nothing is logged any more: .* 4 were published/);
  const before = note();
  await expect(open.append(record('other'))).rejects.toThrow('were published');
  expect(note()).toBe(before);
});

test('and where it has signed on meanwhile, that is found as another history', async () => {
  const last = await lose();
  shown = undefined;
  const open = await start();
  expect(await open.outcomes(record('other'))).toEqual(['2025 3']);
  shown = last;
  await open.ledger.turn();
  expect(open.alarms.at(-1)).toContain('another history');
  await expect(open.append(record('more'))).rejects.toThrow('another history');
});

test('a machine that is set back with its memory is found within the minute', async () => {
  const open = await start();
  shown = note();
  await open.ledger.turn();
  const key = noteSigner(ORIGIN, signer);
  shown = await signCheckpoint({ origin: ORIGIN, size: 9, root: Buffer.alloc(32, 1) }, [key]);
  await open.ledger.turn();
  expect(open.ledger.needs()).toMatchObject({ log: true });
  clock.nowMs += 60_000;
  await open.ledger.turn();
  expect(open.alarms.at(-1)).toContain('9 were published');
  expect(open.ledger.needs()).toMatchObject({ log: false });
});

test.each<[string, () => Promise<string | number>]>([
  ['of another key', async () => await forged(ORIGIN)],
  [
    'of another log',
    async () =>
      await signCheckpoint({ origin: NEXT, size: 9, root: Buffer.alloc(32, 1) }, [noteSigner(NEXT, signer)]),
  ],
  ['that is none', async () => 'hello'],
  ['of a server that is broken', async () => 500],
])('a checkpoint %s stops nobody', async (_what, answer) => {
  await stop();
  shown = await answer();
  const open = await start();
  expect(await open.outcomes(record('a'))).toEqual(['2025 3']);
  await open.ledger.turn();
  expect(open.alarms).toEqual([expect.stringContaining('not all who may have seen more')]);
  expect(open.ledger.needs()).toMatchObject({ log: true });
});

async function forged(origin: string): Promise<string> {
  const other = noteSigner(origin, await createSigner(await generateKey('Ed25519')));
  return await signCheckpoint({ origin, size: 9, root: Buffer.alloc(32, 1) }, [other]);
}
