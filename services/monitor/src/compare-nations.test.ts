import { join } from 'node:path';
import { openForReading } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOUR_MS, openTwoNations, type TwoNations } from './fixture/two-nations.js';
import { MIGRATIONS } from './migrations.js';

let two: TwoNations;
beforeEach(async () => {
  two = await openTwoNations();
});
afterEach(async () => await two.close());

describe('two nations', () => {
  test('whose logs agree are no alarm, however long one looks, and nothing is kept of what has met', async () => {
    two.arrives('x0', two.nowMs + 1000);
    two.leaves('x0');
    for (let i = 1; i <= 150; i++) {
      two.leaves(`a${i}`);
      two.arrives(`a${i}`, two.nowMs + 1000);
    }
    two.leaves('refused', two.nowMs, { decision: 'refuse' });
    await two.look();
    two.nowMs += 48 * HOUR_MS;
    await two.look();
    expect(two.alarms).toEqual([]);
    expect(two.bell.store.crossings.countUnmet()).toBe(0);
  });

  test('of which one says that a message has left, and the other one has nothing of it after its time', async () => {
    two.arrives('first');
    two.leaves('first');
    two.leaves('lost');
    await two.look();
    two.nowMs += 12 * HOUR_MS - 1;
    await two.look();
    expect(two.alarms).toEqual([]);
    two.nowMs += 1;
    await two.look();
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived']);
    expect(two.alarms[0]).toMatchObject({ origin: 'entente.example/de/2026' });
  });

  test('of which one has what never left the other', async () => {
    two.leaves('first');
    two.arrives('first');
    two.arrives('forged');
    await two.look();
    expect(two.alarms).toEqual([]);
    two.nowMs += HOUR_MS;
    await two.look();
    expect(two.kinds()).toEqual(['arrived-without-leaving']);
  });

  test('between which a message took longer than it may', async () => {
    two.leaves('slow');
    two.nowMs += 12 * HOUR_MS + 1;
    two.arrives('slow');
    await two.look();
    await two.look();
    expect(two.kinds()).toEqual(['late']);
  });

  test('of which one loses more after somebody has looked into the first: that is another alarm, and one', async () => {
    two.crosses('first');
    two.leaves('lost');
    await two.look();
    two.nowMs += 12 * HOUR_MS;
    await two.look();
    two.acknowledgeAll();
    for (let i = 0; i < 5; i++) two.leaves(`more${i}`, two.nowMs + i);
    await two.look();
    expect(two.alarms).toHaveLength(1);
    two.nowMs += 13 * HOUR_MS;
    await two.look();
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived', 'never-arrived']);
    expect(two.alarms[1]?.detail).toContain('5, the first is entry 2 of entente.example/de/2026');
    expect(two.bell.store.alarms()[0]).toMatchObject({ acknowledged: null });
  });

  test('of which one loses more while nobody has looked into the first: that is told when somebody has', async () => {
    two.crosses('first');
    for (let i = 0; i < 9; i++) {
      two.leaves(`lost${i}`);
      await two.look();
      two.nowMs += 12 * HOUR_MS;
      await two.look();
    }
    expect(two.bell.store.alarms()).toHaveLength(1);
    two.acknowledgeAll();
    await two.look();
    await two.look();
    expect(two.alarms.map(({ detail }) => /: (\d, .*) of/.exec(detail)?.[1])).toEqual([
      '1, the first is entry 1',
      '8, the first is entry 2',
    ]);
  });

  test('of which one has what never left the other, again after somebody has looked into it', async () => {
    for (const id of ['forged', 'another']) {
      two.crosses(`with ${id}`);
      two.arrives(id);
      await two.look();
      two.nowMs += HOUR_MS;
      await two.look();
      two.acknowledgeAll();
    }
    expect(two.kinds()).toEqual(['arrived-without-leaving', 'arrived-without-leaving']);
  });

  test('between which messages are late again after somebody has looked into it', async () => {
    for (const id of ['slow', 'slower']) {
      two.leaves(id);
      two.nowMs += 13 * HOUR_MS;
      two.arrives(id);
      await two.look();
      await two.look();
      two.acknowledgeAll();
    }
    expect(two.kinds()).toEqual(['late', 'late']);
  });

  test('between which much arrives in time while nobody has looked into what was late: nothing of it is kept', async () => {
    two.leaves('slow');
    two.nowMs += 13 * HOUR_MS;
    two.arrives('slow');
    await two.look();
    expect(two.kinds()).toEqual(['late']);
    for (let i = 0; i < 9; i++) two.crosses(`in time ${i}`);
    await two.look();
    const reader = openForReading(join(two.dir, 'm.sqlite'), MIGRATIONS.length);
    expect(reader.prepare('SELECT count(*) AS n FROM late').get()).toEqual({ n: 0 });
    reader.close();
  });

  test('of which one sends much to a third that is not read here: nothing of it is kept, and it hides no loss', async () => {
    two.crosses('first');
    for (let i = 0; i < 300; i++) two.leaves(`nl${i}`, two.nowMs, { to: 'isp.nl' });
    two.leaves('lost');
    await two.look();
    expect(two.bell.store.crossings.countUnmet()).toBe(1);
    two.nowMs += 12 * HOUR_MS;
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived']);
  });

  test('of which one was not compared with the other at first: what left before is not said to have never left', async () => {
    two.crosses('first');
    two.bell = { ...two.bell, isRead: (nation) => nation === 'DE' };
    two.leaves('before');
    await two.look();
    two.bell = { ...two.bell, isRead: () => true };
    two.arrives('before');
    await two.look();
    two.nowMs += 24 * HOUR_MS;
    two.leaves('lost');
    two.arrives('forged');
    await two.look();
    two.nowMs += 24 * HOUR_MS;
    await two.look();
    expect(two.kinds()).toEqual(['not-compared', 'never-arrived', 'arrived-without-leaving']);
  });

  test.each([
    ['well before it left', -2],
    ['after its time', 13],
  ])('of which one shows an entry of %s without its record: that excuses no loss', async (_, hours) => {
    two.crosses('first');
    const leftMs = two.nowMs;
    if (hours < 0) two.erases(two.fr, leftMs + hours * HOUR_MS);
    two.leaves('lost');
    two.nowMs += 13 * HOUR_MS;
    if (hours > 0) two.erases(two.fr, leftMs + hours * HOUR_MS);
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived']);
  });

  test('of which one has erased what would tell: a person is told that it cannot be compared, once', async () => {
    two.leaves('old');
    two.erases(two.fr, two.nowMs + 1000);
    await two.look();
    two.nowMs += 24 * HOUR_MS;
    await two.look();
    await two.look();
    expect(two.kinds()).toEqual(['not-compared']);
    two.acknowledgeAll();
    two.leaves('lost');
    await two.look();
    two.nowMs += 24 * HOUR_MS;
    await two.look();
    expect(two.kinds()).toEqual(['not-compared', 'never-arrived']);
  });

  test('of which one says to be of next year: it is not waited for until then', async () => {
    two.crosses('first');
    two.leaves('lost', two.nowMs + 9000 * HOUR_MS);
    await two.look();
    two.nowMs += 13 * HOUR_MS;
    await two.look();
    expect(two.kinds()).toEqual(['never-arrived']);
  });

  test.each([
    ['shown', false],
    ['deleted', true],
  ])(
    'of which one has a log that has ended, and is %s: what is lost after that is told',
    async (_, isDeleted) => {
      two.crosses('first');
      await two.look();
      await two.succeeds();
      two.crosses('second');
      two.leaves('lost');
      await two.look();
      if (isDeleted) await two.deletes(two.ended[0] ?? two.fr);
      two.nowMs += 13 * HOUR_MS;
      await two.look();
      expect(two.kinds()).toEqual(['never-arrived']);
    },
  );

  const DAY_MS = 24 * HOUR_MS;

  test('of which one hides entries of any time that it likes: of those that excuse nothing any more, nothing is kept', async () => {
    two.crosses('first');
    for (let day = 0; day < 99; day++) {
      two.erases(two.fr, two.nowMs - day * DAY_MS);
      two.leaves(`nl${day}`, two.nowMs - day * DAY_MS, { to: 'isp.nl' });
    }
    await two.look();
    expect(two.bell.store.crossings.countHidden()).toBe(2 * 61);
    two.nowMs += 61 * DAY_MS;
    await two.look();
    expect(two.bell.store.crossings.countHidden()).toBe(0);
  });

  test('of which one is read long after the other: what it hides excuses still what the other has of that day', async () => {
    two.leaves('old');
    two.erases(two.fr, two.nowMs + 1000);
    const { followed } = two.fr;
    two.fr = { ...two.fr, followed: { ...followed, token: 'wrong' } };
    await two.look();
    two.nowMs += 90 * DAY_MS;
    two.fr = { ...two.fr, followed };
    await two.look();
    expect(two.kinds()).toEqual(['silent', 'not-compared']);
    await two.look();
    expect(two.bell.store.crossings.countHidden()).toBe(0);
  });

  test('of which one was read long before the other: what it hides excuses what the other turns out to have of that day', async () => {
    two.leaves('old');
    two.erases(two.fr, two.nowMs + 1000);
    const { followed } = two.de;
    two.de = { ...two.de, followed: { ...followed, token: 'wrong' } };
    await two.look();
    two.nowMs += 90 * DAY_MS;
    await two.look();
    two.de = { ...two.de, followed };
    await two.look();
    expect(two.kinds()).toEqual(['silent', 'not-compared']);
    await two.look();
    expect(two.bell.store.crossings.countHidden()).toBe(0);
  });

  test('of which one hides what would tell, while an alarm is open: that excuses it also when somebody has looked into that', async () => {
    for (const id of ['old', 'older']) {
      two.leaves(id);
      two.erases(two.fr, two.nowMs + 1000);
      await two.look();
      two.nowMs += DAY_MS;
      await two.look();
    }
    two.nowMs += 90 * DAY_MS;
    await two.look();
    two.acknowledgeAll();
    await two.look();
    expect(two.kinds()).toEqual(['not-compared', 'not-compared']);
    await two.look();
    expect(two.bell.store.crossings.countHidden()).toBe(0);
  });

  test('forgets what was told when it can no longer arrive', async () => {
    two.crosses('first');
    two.leaves('lost');
    await two.look();
    two.nowMs += 24 * HOUR_MS;
    await two.look();
    expect(two.bell.store.crossings.countUnmet()).toBe(1);
    two.nowMs += 61 * 24 * HOUR_MS;
    await two.look();
    expect(two.bell.store.crossings.countUnmet()).toBe(0);
    expect(two.kinds()).toEqual(['never-arrived']);
  });
});
