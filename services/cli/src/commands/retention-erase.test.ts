import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, wire } from '@entente/contract';
import { openQuarantine } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSaid } from '../fixture/capture-said.js';
import { sealOf, TestLog, vkeyOf } from '../history/fixture/test-log.js';
import { runProgram } from '../program.js';

const CASE = 'c'.repeat(32);
const [HERE, OTHER] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

const said = captureSaid();
const printed = () => said.out + said.err;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-erase-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** An entry of the seal with this hash; evidence says that these messages have arrived. */
function entryOf(hash: Buffer, ...arrived: Buffer[]) {
  const about = arrived.map((messageHash) => ({ messageId: 'a'.repeat(32), messageHash }));
  const statement = arrived.length === 0 ? {} : { statement: { evidence: 'delivered', about } };
  const seal = sealOf({ id: 'a'.repeat(32), caseId: CASE, from: 'isp.de', to: 'hotline.de', ...statement });
  return { says: { seal, messageHash: hash, stage: 'inside', step: 'first' } };
}

async function erase(log: TestLog, ...more: string[]): Promise<number> {
  const which = ['--nation', 'DE', '--log', log.at, '--vkey', vkeyOf(log.origin), '--archive', log.at];
  const why = ['--reason', 'order', '--reference', 'court file 17/26', '--wait', '0'];
  return await runProgram(['retention', 'erase', CASE, ...which, ...why, ...more]);
}

test('evidence that speaks of other cases as well stays, and whoever orders the erasure reads so', async () => {
  const log = new TestLog(dir);
  await log.grow(
    entryOf(HERE),
    entryOf(Buffer.alloc(32, 3), HERE),
    entryOf(Buffer.alloc(32, 4), HERE, OTHER),
  );
  expect(await erase(log)).toBe(1);
  expect(JSON.parse(readFileSync(join(dir, 'erase', `${CASE}-0.json`), 'utf8')).indices).toEqual([0, 1]);
  expect(printed()).toContain('asked to erase 2 entries');
  expect(printed()).toContain('1 shared entry stays in the log of');
});

test('that the time is over is no reason of an order: the ledger knows that itself', async () => {
  const log = new TestLog(dir);
  await log.grow(entryOf(HERE));
  expect(await erase(log, '--reason', 'time-over')).toBe(2);
  expect(printed()).toContain('"time-over" is no reason: request, order, mistake.');
  expect(existsSync(join(dir, 'erase'))).toBe(false);
});

test('where nothing else is left of a case it is not said that nothing is', async () => {
  const log = new TestLog(dir);
  await log.grow(entryOf(Buffer.alloc(32, 4), HERE, OTHER));
  expect(await erase(log)).toBe(2);
  expect(printed()).toContain('1 shared entry stays in the log of');
  expect(printed()).not.toContain('hold nothing');
});

test('what its gate has in quarantine is ordered to go by somebody who is named, or nothing is ordered at all', async () => {
  const log = new TestLog(dir);
  await log.grow(entryOf(HERE));
  const quarantine = join(dir, 'quarantine');
  const seal = sealOf({ id: 'a'.repeat(32), caseId: CASE, from: 'isp.de', to: 'hotline.de' });
  const bytes = wire.crossing.encode({ passage: { envelope: { seal }, proofs: [] } });
  const message = { source: 'FR', subject: 'cross.FR.DE.hotline_de', bytes };
  openQuarantine(quarantine).keep(newId(), message, new Error(), 0);
  const orders = [dir, quarantine].map((folder) => join(folder, 'erase'));
  expect(await erase(log, '--quarantine', join(dir, 'none'), '--proposed-by', 'unit 4')).toBe(2);
  expect(printed()).toContain(`There is no folder ${join(dir, 'none')}.`);
  expect(await erase(log, '--quarantine', quarantine)).toBe(2);
  expect(printed()).toContain('--proposed-by');
  expect(orders.filter(existsSync)).toEqual([]);
  expect(await erase(log, '--quarantine', quarantine, '--proposed-by', 'unit 4')).toBe(1);
  expect(orders.map((folder) => readdirSync(folder))).toEqual([[`${CASE}-0.json`], [`${CASE}.json`]]);
});

test('a message that is held is named with its end and a way out before anything is ordered', async () => {
  const log = new TestLog(dir);
  const [at, id] = [Date.now(), 'b'.repeat(32)];
  const held = (hash: Buffer, expiresAtMs: number) => {
    const seal = sealOf({ id, caseId: CASE, from: 'prosecutor.nl', to: 'isp.de', expiresAtMs });
    const verdict = { decision: 'hold', awaits: ['court@NL'], holdMinutes: 60 };
    const says = { seal, messageHash: hash, stage: 'enter', step: 'first', verdict };
    return { event: 'crossing', timeMs: at, says };
  };
  const ended = { ...held(OTHER, at + 9e9), timeMs: at };
  const end = { ...ended, event: 'rejection', says: { ...ended.says, step: 'overdue', verdict: {} } };
  // One whose hold is on record as ended, and one that is too old to be delivered.
  await log.grow(held(HERE, at + 9e9), ended, end, held(Buffer.alloc(32, 3), at - 1));
  expect(await erase(log)).toBe(2);
  const until = new Date(at + 3_600_000).toISOString();
  const named = `Message ${id} (${HERE.toString('hex')}) is held at the gate of DE until ${until}, for court@NL.`;
  expect(printed()).toContain(named);
  expect(printed().match(/is held at/g)).toHaveLength(1);
  expect(printed()).toContain(`entente refuse ${HERE.toString('hex')} --member`);
  expect(existsSync(join(dir, 'erase'))).toBe(false);
  Object.assign(said, { out: '', err: '' });
  expect(await erase(log, '--also-held', '--json')).toBe(1);
  expect(JSON.parse(said.out)).toMatchObject({ entries: 4, held: [{ nation: 'DE', id, until }] });
});

test('a reference that the services would refuse is refused before anything is laid', async () => {
  const log = new TestLog(dir);
  await log.grow(entryOf(HERE));
  expect(await erase(log, '--reference', 'court file\n17/26')).toBe(2);
  expect(printed()).toContain('on one line');
  expect(existsSync(join(dir, 'erase'))).toBe(false);
});
