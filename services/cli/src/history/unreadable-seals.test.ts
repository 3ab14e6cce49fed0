import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLogged } from './find-logged.js';
import { sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import { planErasure } from './plan-erasure.js';
import { readAnchors } from './read-anchors.js';

// The attacker is a ledger: one entry with a seal that nobody can read, before those that somebody looks for.

const ORIGIN = 'log.example/de/2026';
const [ID, CASE] = ['a'.repeat(32), 'c'.repeat(32)];
const HASH = Buffer.alloc(32, 7);

let dir: string;
let log: TestLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-unreadable-'));
  log = new TestLog(dir, ORIGIN);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const source = () => ({ nation: 'DE', dir, vkey: vkeyOf(ORIGIN), archive: [], anchors: null });
/** What stands between its dots is no protobuf. */
const unreadable = { seal: Buffer.from('e30.____.AAAA'), messageHash: Buffer.alloc(32, 1), stage: 'inside' };

test('hide no message from who is to have it opened', async () => {
  const seal = sealOf({ id: ID, caseId: CASE, from: 'isp.de' });
  await log.grow({ says: unreadable }, { says: { seal, messageHash: HASH } });
  for (const word of [ID, HASH.toString('hex')])
    expect(await findLogged([source()], word)).toMatchObject({
      header: { id: ID, caseId: CASE },
      hash: HASH.toString('hex'),
    });
  expect(await findLogged([source()], 'f'.repeat(32))).toBeUndefined();
});

test('hide no anchor of a log of accesses', async () => {
  const access = { size: 3, root: Buffer.alloc(32, 9) };
  const anchorOf = (from: string) => ({
    event: 'access-anchor',
    says: { seal: sealOf({ from, statement: { access } }), messageHash: HASH },
  });
  await log.grow({ event: 'access-anchor', says: unreadable }, anchorOf('isp.de'), anchorOf('hotline.de'));
  const { anchors, faults } = await readAnchors([source()], 'hotline.de');
  expect(anchors).toMatchObject([{ ...access, atMs: 1000 }]);
  expect(faults).toEqual([]);
});

test('are in the plan of what goes, and end it for no other entry', async () => {
  const seal = sealOf({ id: ID, caseId: CASE, from: 'isp.de' });
  await log.grow({ says: unreadable }, { says: { seal, messageHash: HASH } });
  const plan = await planErasure(source(), { days: 90, logDays: 100 }, new Set([CASE]));
  expect(plan).toMatchObject({ held: 1, months: [{ entries: 1 }], faults: [] });
});
