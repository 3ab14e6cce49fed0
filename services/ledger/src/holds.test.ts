import type { wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  adoptions,
  approval,
  endOfHold,
  hash,
  hold,
  openTestLog,
  record,
  rejection,
  seal,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';

const [one, two] = [hash('one').toString('hex'), hash('two').toString('hex')];
const heldHash = messageHash(seal('held'));

let ledger: TestLog;
let temp: ReturnType<typeof tempDir>;
beforeEach(async () => {
  temp = tempDir();
  ledger = openTestLog(temp.dir, await testSigner());
  await ledger.append(...adoptions);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});

const stepOf = (entry: wire.EntryFrame | null | undefined) => entry && ledger.verify(entry).record.step;
const idsOf = (reply: wire.AppendReplyFrame | undefined) =>
  reply?.approvals.map((entry) => ledger.verify(entry).index);

describe('the end of a hold', () => {
  test('is an entry of its own, and comes with the hold from then on', async () => {
    expect(await ledger.outcomes(hold('held'), endOfHold('held', one, 'permit'))).toEqual([2, 3]);
    const [again] = await ledger.append(record('held'));
    expect(stepOf(again?.entry)).toBe('first');
    expect(stepOf(again?.later)).toBe(one);
  });

  test('is the first one, whoever else wants to end it', async () => {
    await ledger.append(hold('held'), endOfHold('held', one, 'permit'));
    const late = [endOfHold('held', two, 'refuse'), rejection('held', { step: 'overdue' })];
    const replies = await ledger.append(...late, ...late);
    expect(replies.map(({ entry }) => stepOf(entry))).toEqual([one, one, one, one]);
  });

  test('is the first one also among those that come at once', async () => {
    const ends = [endOfHold('held', two, 'refuse'), endOfHold('held', one, 'permit')];
    const replies = await ledger.append(hold('held'), ...ends);
    expect(replies.slice(1).map(({ entry }) => stepOf(entry))).toEqual([two, two]);
  });

  test('needs a hold: no message at all, no permit and no refusal can be ended', async () => {
    await ledger.append(
      record('permitted'),
      record('refused', { verdict: { decision: 'refuse' } }),
      rejection('bad'),
    );
    const ids = ['unknown', 'permitted', 'refused', 'bad'];
    const ends = ids.map((id) => endOfHold(id, one, 'permit'));
    expect(await ledger.outcomes(...ends)).toEqual(ids.map(() => 'no-hold'));
  });

  test('ends the hold of its own stage', async () => {
    await ledger.append(hold('held'));
    expect(await ledger.outcomes(endOfHold('held', one, 'permit', { stage: 'enter' }))).toEqual(['no-hold']);
  });
});

describe('approvals', () => {
  test('come with the hold on the message that they are about, and with no other', async () => {
    await ledger.append(hold('held'), hold('other'), approval('a', 'court.de', [heldHash]));
    const [held, other] = await ledger.append(hold('held'), hold('other'));
    expect(idsOf(held)).toEqual([4]);
    expect(idsOf(other)).toEqual([]);
  });

  test('come also if the message is logged later, and not with a message that is not held', async () => {
    await ledger.append(approval('a', 'court.de', [heldHash]));
    const [permitted] = await ledger.append(record('held', { stage: 'enter' }));
    const [held] = await ledger.append(hold('held'));
    expect([idsOf(permitted), idsOf(held)]).toEqual([[], [2]]);
  });

  test('are one for each member and role, the first: nobody takes the place of another by saying more', async () => {
    const flood = Array.from({ length: 40 }, (_, i) => approval(`f${i}`, 'police.de', [heldHash]));
    await ledger.append(hold('held'), ...flood, approval('a', 'court.de', [heldHash]));
    const [held] = await ledger.append(hold('held'));
    expect(idsOf(held)).toEqual([3, 43]);
  });

  test('are at most sixteen in a reply', async () => {
    const many = Array.from({ length: 20 }, (_, i) => approval(`m${i}`, `court${i}.de`, [heldHash]));
    await ledger.append(hold('held'), ...many);
    expect(idsOf((await ledger.append(hold('held')))[0])).toHaveLength(16);
  });

  test('are about one message', async () => {
    const refusals = [approval('a', 'court.de', []), approval('b', 'court.de', [heldHash, hash('x')])];
    expect(await ledger.outcomes(...refusals, approval('c', 'court.de', [hash('x').subarray(1)]))).toEqual([
      'record-malformed',
      'record-malformed',
      'record-malformed',
    ]);
  });
});
