import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bus } from '@entente/bus';
import { MORE } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { endOver, endQuarantine, planQuarantine } from './end-quarantine.js';
import { countTurns } from './fixture/count-turns.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { referral, type Sealed } from './fixture/test-messages.js';
import { withFault } from './fixture/with-fault.js';

const DAY = 86_400_000;

const MANY = 16;

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true });
});
afterAll(async () => await border?.stop());
afterEach(() => {
  for (const { id } of border.gate.quarantine.list()) border.gate.quarantine.drop(id);
  rmSync(holdFile(), { force: true });
});

const holdFile = () => join(border.gate.quarantineDir, 'legal-hold.json');
const ids = () => border.gate.quarantine.list().map(({ id }) => id[0]);
const caseOf = ({ envelope }: Sealed) => readUnverifiedHeader(envelope.seal).caseId;

/** As if it had been put there so many days ago. */
function keep(digits: string, bytes: Uint8Array, daysAgo: number): void {
  const { quarantine, quarantineDir } = border.gate;
  const message = { source: 'hotline.nl', subject: 'edge.out.hotline_nl', bytes };
  const id = digits.padEnd(32, digits);
  expect(quarantine.keep(id, message, new Error('x'), 0)).toBe('kept');
  const name = readdirSync(quarantineDir).find((one) => one.includes(id)) ?? '';
  const at = new Date(border.gate.now() - daysAgo * DAY);
  utimesSync(join(quarantineDir, name), at, at);
}

test('what is in quarantine goes its days after it has expired, whether it can be read or not, with an entry for each', async () => {
  const { bytes } = await referral(border);
  keep('a', bytes, 61);
  keep('b', Buffer.from('nothing that can be read'), 61);
  keep('c', bytes, 59);
  const size = border.logSize();
  expect(await endQuarantine(border.gate)).toBe(2);
  expect([ids(), border.logSize()]).toEqual([['c'], size + 2]);
  expect(await endQuarantine(border.gate)).toBe(0);
  // As after a crash before it was deleted: the entry is there already.
  keep('a', bytes, 61);
  expect(await endQuarantine(border.gate)).toBe(1);
  expect([ids(), border.logSize()]).toEqual([['c'], size + 2]);
});

test('what has expired earlier by its own word goes earlier', async () => {
  const { bytes } = await referral(border, {
    header: { issuedAtMs: border.gate.now() - 40 * DAY, expiresAtMs: border.gate.now() - 31 * DAY },
  });
  keep('a', bytes, 40);
  expect(await endQuarantine(border.gate)).toBe(1);
});

test('of a case on legal hold nothing goes, and of no case while the holds cannot be read', async () => {
  const held = await referral(border);
  keep('a', held.bytes, 400);
  keep('b', (await referral(border)).bytes, 400);
  writeFileSync(holdFile(), '{"case": []}');
  await expect(endQuarantine(border.gate)).rejects.toThrow('legal-hold.json');
  expect(ids()).toHaveLength(2);
  writeFileSync(
    holdFile(),
    JSON.stringify({ cases: [caseOf(held)], proposed_by: 'court 3', approved_by: [] }),
  );
  expect(await endQuarantine(border.gate)).toBe(1);
  expect(ids()).toEqual(['a']);
  rmSync(holdFile());
  expect(await endQuarantine(border.gate)).toBe(1);
});

test('a legal hold that is laid while others go keeps what it names', async () => {
  const held = await referral(border);
  keep('e', (await referral(border)).bytes, 400);
  keep('f', held.bytes, 400);
  const request: Bus['request'] = async (...asked) => {
    // As the entry of the first is made; the ledger answers as it does.
    writeFileSync(holdFile(), JSON.stringify({ cases: [caseOf(held)] }));
    return await border.gate.bus.request(...asked);
  };
  const size = border.logSize();
  expect(await endQuarantine({ ...border.gate, bus: withFault(border.gate.bus, { request }) })).toBe(1);
  expect([ids(), border.logSize()]).toEqual([['f'], size + 1]);
});

test('it is planned by the month, without what a legal hold keeps', async () => {
  const held = await referral(border);
  keep('a', held.bytes, 400);
  keep('b', (await referral(border)).bytes, 0);
  keep('c', Buffer.from('nothing that can be read'), 100);
  writeFileSync(holdFile(), JSON.stringify({ cases: [caseOf(held)] }));
  const now = border.gate.now();
  const monthIn = (days: number) => new Date(now + days * DAY).toISOString().slice(0, 7);
  expect(await planQuarantine({ ...border.gate, now: () => now })).toEqual({
    quarantine_days: 30,
    months: [
      { month: monthIn(0), quarantined: 1 },
      { month: expect.stringMatching(/^\d{4}-\d{2}$/), quarantined: 1 },
    ],
    held: 1,
  });
});

test('nothing goes while it is not known what time it is', async () => {
  keep('a', (await referral(border)).bytes, 400);
  const { clock } = border.gate;
  const size = border.logSize();
  for (const wrong of [{ agrees: () => false }, { wasTold: () => false }])
    expect(await endQuarantine({ ...border.gate, clock: { ...clock, ...wrong } })).toBe(0);
  expect([ids(), border.logSize()]).toEqual([['a'], size]);
});

test('reads one message in each turn of the event loop', async () => {
  for (let n = 0; n < MANY; n += 1) keep(n.toString(16), Buffer.from('nothing that can be read'), 45);
  const turns = countTurns();
  expect(await endQuarantine(border.gate)).toBe(0);
  expect(turns.end()).toBeGreaterThanOrEqual(MANY);
  const planned = countTurns();
  const { months } = await planQuarantine(border.gate);
  expect(months.reduce((sum, { quarantined }) => sum + quarantined, 0)).toBe(MANY);
  expect(planned.end()).toBeGreaterThanOrEqual(MANY);
});

test('says that more is over than goes in one turn, until all of it has gone', async () => {
  for (let n = 16; n < 16 + 60; n += 1) keep(n.toString(16), Buffer.from(`unreadable ${n}`), 61);
  expect([await endOver(border.gate), await endOver(border.gate)]).toEqual([MORE, undefined]);
  expect(ids()).toEqual([]);
});
