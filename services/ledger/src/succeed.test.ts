import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint, parseVkey } from '@entente/audit';
import type { wire } from '@entente/contract';
import { createSigner, generateKey, messageHash } from '@entente/seal';
import { describe, expect, test } from 'vitest';
import { ledgerOfAYear } from './fixture/ledger-of-a-year.js';
import { verifyWith } from './fixture/test-ledger.js';
import {
  adoptDirectory,
  adoptPack,
  approval,
  DIRECTORY,
  endOfHold,
  hash,
  hold,
  NOW,
  ORIGIN,
  PACK,
  record,
  seal,
} from './fixture/test-log.js';
import { adoptAgain, endRecord, NEW_YEAR, NEXT, PART_VERSIONS } from './fixture/test-succession.js';
import { vkeyOf } from './open-log.js';

const year = await ledgerOfAYear();
const { signer, stop, restart, order, nextDir, verified, start } = year;
const newYear = async () => {
  order();
  await year.ledger.ledger.turn();
  year.clock.nowMs = NEW_YEAR;
};

describe('when the year of a log ends', () => {
  test('the time of the entry decides in which log it stands', async () => {
    order();
    await year.ledger.ledger.turn();
    year.clock.nowMs = NEW_YEAR - 1;
    expect(await year.ledger.outcomes(record('old'))).toEqual(['2025 3']);
    year.clock.nowMs = NEW_YEAR;
    expect(await year.ledger.outcomes(record('new'))).toEqual(['adoption-stale']);
    expect(await adoptAgain(year.ledger)).toEqual(['2026 1', '2026 2']);
    expect(await year.ledger.outcomes(record('new'))).toEqual(['2026 3']);
    expect([(await verified(ORIGIN)).size, (await verified(NEXT)).size]).toEqual([5, 4]);
    expect([(await verified(ORIGIN)).faults, (await verified(NEXT)).faults]).toEqual([[], []]);
  });

  test('it goes on without an order, and that is an alarm until there is one', async () => {
    const yearOver = async () => /^entente_ledger_year_over (\d)$/m.exec(await year.ledger.metrics())?.[1];
    await year.ledger.ledger.turn();
    expect([year.ledger.alarms, await yearOver()]).toEqual([[], '0']);
    year.clock.nowMs = NEW_YEAR;
    await year.ledger.ledger.turn();
    await year.ledger.ledger.turn();
    expect(year.ledger.alarms).toEqual([expect.stringContaining('the year of this log is over')]);
    expect([await year.ledger.outcomes(record('a')), await yearOver()]).toEqual([['2025 3'], '1']);
    order();
    await year.ledger.ledger.turn();
    expect([year.ledger.alarms.length, await yearOver()]).toEqual([1, '0']);
  });

  test('it ends by itself, also when nobody writes', async () => {
    await newYear();
    await year.ledger.ledger.turn();
    expect((await verified(NEXT)).size).toBe(2);
  });

  test('its last entry names its successor, whose first one names it with its last checkpoint', async () => {
    await newYear();
    await adoptAgain(year.ledger);
    expect(endRecord(year.dir, 'last')).toMatchObject({
      event: 'log-closed',
      succession: { origin: NEXT, reason: 'time-over', checkpoint: '' },
    });
    const first = endRecord(nextDir(), 'first');
    expect(first).toMatchObject({ event: 'log-opened', succession: { origin: ORIGIN, reason: 'time-over' } });
    const { size, root } = await verified(ORIGIN);
    const named = openCheckpoint(
      first.succession?.checkpoint ?? '',
      parseVkey(vkeyOf(ORIGIN, signer)),
      ORIGIN,
    );
    expect(named).toMatchObject({ size, root });
  });

  test('both logs say who wanted and who approved it', async () => {
    order({ proposed_by: 'unit 4', approved_by: ['legal service'] });
    await year.ledger.ledger.turn();
    year.clock.nowMs = NEW_YEAR;
    await adoptAgain(year.ledger);
    expect(endRecord(year.dir, 'last')).toMatchObject({ event: 'log-closed', succession: SIGNOFF });
    expect(endRecord(nextDir(), 'first')).toMatchObject({ event: 'log-opened', succession: SIGNOFF });
  });

  test('no message is logged twice: who asks again gets the entry of the old log, also after a restart', async () => {
    const [before] = await year.ledger.append(record('a'));
    await newYear();
    await adoptAgain(year.ledger);
    const [after] = await year.ledger.append(record('a'));
    expect(after?.entry?.leaf).toEqual(before?.entry?.leaf);
    await restart();
    expect(await year.ledger.outcomes(record('a'), record('b'))).toEqual(['2025 3', '2026 4']);
    expect((await verified(ORIGIN)).size).toBe(5);
  });

  test("a sender's id stays taken by the message that used it", async () => {
    await year.ledger.append(record('a'));
    await newYear();
    await adoptAgain(year.ledger);
    const other = seal('a', 'hotline.de', 'changed');
    const reused = record('a', { seal: other, messageHash: messageHash(other) });
    expect(await year.ledger.outcomes(reused)).toEqual(['id-reused']);
  });

  test('a hold goes on: it is released in the new log, once, with the words of both', async () => {
    const held = messageHash(seal('held'));
    const word = (id: string, from: string) => approval(id, from, [held]);
    await year.ledger.append(hold('held'), word('w1', 'court.de'));
    await newYear();
    await adoptAgain(year.ledger);
    const [waiting] = await year.ledger.append(word('w2', 'court.fr'), word('w3', 'court.de'), hold('held'));
    expect(waiting?.entry).not.toBeNull();
    const [again] = await year.ledger.append(hold('held'));
    expect(again?.later).toBeNull();
    // The first word of each, and no second one of court.de.
    const named = again?.approvals.map((entry) => verifyWith(signer, entry)) ?? [];
    expect(named.map(({ origin, index }) => `${origin.slice(-4)} ${index}`)).toEqual(['2025 4', '2026 3']);
    const [one, two] = [hash('one').toString('hex'), hash('two').toString('hex')];
    expect(await year.ledger.outcomes(endOfHold('held', one, 'permit'))).toEqual(['2026 5']);
    expect(await year.ledger.outcomes(endOfHold('held', two, 'refuse'))).toEqual(['2026 5']);
    const [ended] = await year.ledger.append(hold('held'));
    expect(verifyWith(signer, ended?.later as wire.EntryFrame)).toMatchObject({ origin: NEXT, index: 5 });
  });

  test('a hold that ended in the old log has that end', async () => {
    const [one, two] = [hash('one').toString('hex'), hash('two').toString('hex')];
    await year.ledger.append(hold('held'), endOfHold('held', one, 'permit'));
    await newYear();
    await adoptAgain(year.ledger);
    expect(await year.ledger.outcomes(endOfHold('held', two, 'refuse'))).toEqual(['2025 4']);
  });

  test.each<[string, Uint8Array, string]>([
    ['an older pack', adoptPack(hash('older'), 4), 'version-goes-back'],
    ['another pack under the same version', adoptPack(hash('other'), 5), 'version-goes-back'],
    ['an older part of the directory', adoptDirectory(hash('older'), { DE: 6 }), 'version-goes-back'],
    ['the next pack', adoptPack(hash('newer'), 6), '2026 1'],
  ])('versions carry over: %s', async (_what, adoption, outcome) => {
    await newYear();
    expect(await year.ledger.outcomes(adoption)).toEqual([outcome]);
  });

  test('no entry of the new log is older than the last one of the old', async () => {
    await newYear();
    year.clock.nowMs = NEW_YEAR + 5000;
    await adoptAgain(year.ledger);
    year.clock.nowMs = NOW;
    const [reply] = await year.ledger.append(record('b'));
    expect(verifyWith(signer, reply?.entry as wire.EntryFrame).leaf.timeMs).toBe(NEW_YEAR + 5000);
  });

  test('the log is signed with another key, if the order names one', async () => {
    const other = await createSigner(await generateKey('Ed25519'));
    await stop();
    const loadKey = async () => other;
    await start({ loadKey });
    order({ key_file: '/keys/2026.key' });
    await year.ledger.ledger.turn();
    year.clock.nowMs = NEW_YEAR;
    const [reply] = await year.ledger.append(adoptDirectory(DIRECTORY, PART_VERSIONS));
    expect(verifyWith(other, reply?.entry as wire.EntryFrame).origin).toBe(NEXT);
    await stop();
    await start({ loadKey });
    const [again] = await year.ledger.append(adoptPack(PACK, 5));
    expect(verifyWith(other, again?.entry as wire.EntryFrame).index).toBe(3);
  });
});

const SIGNOFF = { proposedBy: 'unit 4', approvedBy: ['legal service'] };

describe('an order that cannot be carried out', () => {
  test.each<[string, object]>([
    ['an origin that was used', { origin: ORIGIN.replace('2025', '2024') }],
    ['no origin', { origin: 'Entente DE 2026' }],
    ['no time', { from: 'soon' }],
    ['no known reason', { reason: 'because' }],
    ['a person in many lines', { proposed_by: 'a\nb' }],
  ])('is an alarm, and the log goes on: %s', async (_what, change) => {
    const used = ORIGIN.replace('2025', '2024');
    mkdirSync(join(year.dir, 'ended', used.replaceAll('/', '_')), { recursive: true });
    order({ from: new Date(0).toISOString(), ...change });
    await year.ledger.ledger.turn();
    expect(year.ledger.alarms.join()).toContain('cannot go on as it was ordered');
    expect(await year.ledger.outcomes(record('a'))).toEqual(['2025 3']);
  });
});
