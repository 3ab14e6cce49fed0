import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crossing, type Entry, HOUR_MS, openTwoNations, type TwoNations } from './fixture/two-nations.js';
import { followCrossings } from './follow-crossings.js';
import { watchLog } from './watch-log.js';

let two: TwoNations;
beforeEach(async () => {
  two = await openTwoNations();
});
afterEach(async () => await two.close());

describe('a ledger that shows auditors', () => {
  test.each<[string, (entries: Entry[]) => Entry[]]>([
    [
      'another record than it has logged',
      ([one, ...rest]) => [
        { ...(one as Entry), record: crossing('z', 'DE', 'leave', two.nowMs).record },
        ...rest,
      ],
    ],
    ['another entry', ([, ...rest]) => [crossing('z', 'DE', 'leave', two.nowMs), ...rest]],
    ['entries in another order', (entries) => [...entries].reverse()],
  ])('%s is found, and nothing of it counts', async (_, change) => {
    two.leaves('a');
    two.leaves('b');
    await two.de.log.show(
      'a',
      two.de.entries.map(({ leaf }) => leaf),
    );
    two.de.entries = change(two.de.entries);
    await watchLog(two.bell, two.de.followed);
    await followCrossings(two.bell, two.de.followed);
    expect(two.kinds()).toEqual(['incomplete']);
    expect(two.bell.store.crossings.progress('entente.example/de/2026').size).toBe(0);
  });

  test('nothing any more is silent, until it shows them again', async () => {
    two.crosses('first');
    await two.look();
    const { followed } = two.fr;
    two.fr = { ...two.fr, followed: { ...followed, token: 'wrong' } };
    two.crosses('second');
    await two.look();
    two.nowMs += 99 * HOUR_MS - 1;
    await two.look();
    expect(two.alarms).toEqual([]);
    two.nowMs += 1;
    await two.look();
    expect(two.alarms).toMatchObject([{ kind: 'silent', origin: two.fr.followed.origin }]);
    two.fr = { ...two.fr, followed };
    await two.look();
    await two.look();
    expect(two.bell.store.alarms()).toEqual([]);
  });

  test('all, while a mirror in a folder shows as much of the log, is followed', async () => {
    const views = [...two.de.followed.views, join(two.dir, 'DE', '2026', 'a')];
    two.de = { ...two.de, followed: { ...two.de.followed, views } };
    two.leaves('lost');
    two.crosses('first');
    // Each place is seen a moment after the one before it.
    two.bell = { ...two.bell, now: () => ++two.nowMs };
    await two.look();
    expect(two.bell.store.crossings.progress(two.de.followed.origin).size).toBe(2);
  });

  test('nothing, or nothing without the token, is not followed', async () => {
    two.leaves('a');
    await two.de.log.show(
      'a',
      two.de.entries.map(({ leaf }) => leaf),
    );
    await watchLog(two.bell, two.de.followed);
    await followCrossings(two.bell, { ...two.de.followed, token: 'wrong' });
    expect(two.bell.store.crossings.progress('entente.example/de/2026').size).toBe(0);
    expect(two.alarms).toEqual([]);
  });
});

describe('a log that grows faster than one piece of it is read', () => {
  const SIZE = 3000;
  /** Four bundles of 256 entries. */
  const PIECE = 1024;
  /** However busy the machine is. */
  const LONG_MS = 600_000;
  const grow = async () => {
    for (let n = 0; n < SIZE; n += 1) two.leaves(`m${n}`);
    const { log, entries, followed } = two.de;
    await log.show(
      'a',
      entries.map(({ leaf }) => leaf),
    );
    await watchLog(two.bell, followed);
  };
  const readTo = () => two.bell.store.crossings.progress(two.de.followed.origin).size;

  test('is read to its end in one look', async () => {
    await grow();
    await followCrossings(two.bell, two.de.followed, LONG_MS);
    expect([readTo(), two.bell.store.crossings.countUnmet(), two.alarms]).toEqual([SIZE, SIZE, []]);
  });

  test('is read on in the next one where the time of a look is over', async () => {
    await grow();
    for (const size of [PIECE, 2 * PIECE, SIZE, SIZE]) {
      await followCrossings(two.bell, two.de.followed, 0);
      expect(readTo()).toBe(size);
    }
  });

  test('is kept as far as each piece is what it has signed', async () => {
    await grow();
    two.de.entries = two.de.entries.with(2 * PIECE, crossing('z', 'DE', 'leave', two.nowMs));
    await followCrossings(two.bell, two.de.followed, LONG_MS);
    expect([readTo(), two.kinds()]).toEqual([2 * PIECE, ['incomplete']]);
  });
});
