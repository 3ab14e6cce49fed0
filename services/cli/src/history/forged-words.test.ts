import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { createSigner, generateKey, messageHash } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureSaid } from '../fixture/capture-said.js';
import { runProgram } from '../program.js';
import { auditLog } from './audit-log.js';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import type { LogFault } from './read-log.js';
import { replayLog } from './replay.js';
import { createReplayer } from './replayer.js';
import { speaksAgainst } from './words-of-members.js';

// The attacker is a log, or its gate: what it does itself is to look like what a member has said.

const said = captureSaid();
let dir: string;
let log: TestLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-forged-'));
  log = new TestLog(join(dir, 'log'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const source = (anchors: string | null = null) => ({
  ...{ nation: 'DE', dir: log.at, vkey: vkeyOf(ORIGIN), archive: [], anchors },
});
const [FIRST = '', SECOND = '', THIRD = '', FOURTH = '', FIFTH = ''] = [...'abcde'].map((letter) =>
  letter.repeat(32),
);
const TIME_MS = 1_800_000_000_000;

/** An entry in which nothing is wrong but what its member is said to say; its seal is signed by nobody. */
function anchor(id: string, size: number, oldSize: number, expiresAtMs = TIME_MS + 1): Made {
  const access = { size, oldSize, root: Buffer.alloc(32, size), consistency: [] };
  const header = { id, expiresAtMs, from: 'hotline.de', kind: wire.Kind.KIND_ANCHOR, statement: { access } };
  const seal = sealOf(header);
  const says = { seal, messageHash: messageHash(seal), stage: 'inside', step: 'first', decidedAtMs: TIME_MS };
  return { event: 'access-anchor', timeMs: TIME_MS, says };
}

const found = (faults: readonly LogFault[]) => faults.map(({ code, saidBy }) => [code, saidBy]);

test('a word whose signature is not asked for is no member’s, and a replay of rules is not satisfied', async () => {
  await log.grow(anchor(FIRST, 8, 0), anchor(SECOND, 3, 0));
  const { faults } = await replayLog(source());
  expect(found(faults)).toEqual([['access-log-shrank', undefined]]);
  const place = ['--nation', 'DE', '--log', log.at, '--vkey', vkeyOf(ORIGIN), '--archive', dir];
  expect(await runProgram(['policy', 'replay', ...place])).toBe(1);
  expect(said.out).toContain('FAULT entry 1 access-log-shrank');
  expect(said.out).not.toContain('MEMBER');
});

test('a word under a seal that does not hold is no member’s', async () => {
  await log.grow(anchor(FIRST, 8, 0), anchor(SECOND, 3, 0));
  const { publicJwk } = await createSigner(await generateKey('Ed25519'));
  const anchors = join(dir, 'anchors.json');
  writeFileSync(anchors, JSON.stringify({ network: 'test', threshold: 1, keys: [publicJwk] }));
  const { faults } = await auditLog(source(anchors), { verdicts: true });
  expect(found(faults)).toContainEqual(['access-log-shrank', undefined]);
  expect(faults.filter(({ saidBy }) => saidBy !== undefined)).toEqual([]);
  expect(speaksAgainst(faults)).toBe(true);
});

test('an anchor that a log shows once more, or after it was refused or too old, is a fault of the log: no member has gone back', async () => {
  const refused = { ...anchor(SECOND, 3, 0), event: 'rejection' };
  const refusal = { ...refused, says: { ...refused.says, verdict: { decision: 'refuse' } } };
  const old = anchor(THIRD, 5, 0, TIME_MS);
  await log.grow(refusal, anchor(FIRST, 8, 0), anchor(FOURTH, 8, 8));
  await log.grow(anchor(FIRST, 8, 0), anchor(SECOND, 3, 0), old, anchor(FIFTH, 8, 8));
  const { faults } = await replayLog(source());
  expect(faults.map(({ index, code }) => [index, code])).toEqual([
    [3, 'id-reused'],
    [4, 'id-reused'],
    [5, 'expired'],
  ]);
});

test('so is one that was there before an audit was interrupted', () => {
  const entryOf = (index: number, { event = '', says }: Made) => {
    const record = wire.record.decode(wire.record.encode({ nation: 'DE', event, ...says }));
    return { index, leaf: { event, timeMs: TIME_MS, commitment: new Uint8Array() }, record };
  };
  const before = createReplayer(source());
  before.visit(entryOf(0, anchor(FIRST, 8, 0)));
  before.visit(entryOf(1, { ...anchor(SECOND, 3, 0), event: 'rejection' }));
  const resumed = createReplayer(source(), JSON.parse(JSON.stringify(before.save())));
  resumed.visit(entryOf(2, anchor(SECOND, 3, 0)));
  resumed.visit(entryOf(3, anchor(FIRST, 8, 0)));
  const { faults, words } = resumed.result();
  expect(faults.map(({ index, code }) => [index, code])).toEqual([
    [2, 'id-reused'],
    [3, 'id-reused'],
  ]);
  expect(words).toEqual([]);
});
