import { BusError } from '@entente/bus';
import { beforeEach, expect, test } from 'vitest';
import { guardWays, type Hand, type Ways } from './guard-ways.js';
import type { Queue } from './meter.js';

let nowMs: number;
let ways: Ways;
beforeEach(() => {
  nowMs = 1_000_000;
  ways = guardWays(() => nowMs);
});

const TIMED_OUT = new BusError('timeout', 'no answer');
const LEFT_ALONE = { code: 'timeout', message: expect.stringContaining('nothing is sent there') };

/** A publish that ends when it is told to. */
function send(nation = 'DE', hand?: Hand) {
  let end: (error?: Error) => void = () => undefined;
  let isSent = false;
  const work = () => {
    isSent = true;
    return new Promise<void>((resolve, reject) => {
      end = (error) => (error ? reject(error) : resolve());
    });
  };
  const outcome = ways.through(nation, work, hand);
  outcome.catch(() => undefined);
  return { outcome, isSent: () => isSent, end: (error?: Error) => end(error) };
}

const isTaken = async (nation?: string) => {
  const { outcome, isSent, end } = send(nation);
  end();
  await outcome.catch(() => undefined);
  return isSent();
};
const timeOut = async () => {
  const { outcome, end } = send();
  end(TIMED_OUT);
  await expect(outcome).rejects.toBe(TIMED_OUT);
};

test('as long as a nation answers, any number is under way', async () => {
  const all = Array.from({ length: 500 }, () => send());
  expect(all.every(({ isSent }) => isSent())).toBe(true);
  for (const { end } of all) end();
  await Promise.all(all.map(({ outcome }) => outcome));
  ways.check('DE');
});

test('after a time-out nothing more is sent there and what is under way is given up, and another nation is not touched', async () => {
  const [slow, slower, other] = [send(), send(), send('FR')];
  slow.end(TIMED_OUT);
  await expect(slow.outcome).rejects.toBe(TIMED_OUT);
  await expect(slower.outcome).rejects.toMatchObject(LEFT_ALONE);
  await expect(send().outcome).rejects.toMatchObject(LEFT_ALONE);
  expect(await isTaken()).toBe(false);
  expect(() => ways.check('DE')).toThrow('nothing is sent there');
  ways.check('FR');
  expect(await isTaken('FR')).toBe(true);
  other.end();
  await other.outcome;
});

test('after a rest one tries at a time, until one is answered', async () => {
  await timeOut();
  nowMs += 3999;
  expect(await isTaken()).toBe(false);
  nowMs += 1;
  ways.check('DE');
  const first = send();
  expect([first.isSent(), await isTaken()]).toEqual([true, false]);
  first.end(new BusError('no-stream', 'no answer either'));
  await first.outcome.catch(() => undefined);
  const second = send();
  expect([second.isSent(), await isTaken()]).toEqual([true, false]);
  second.end();
  await second.outcome;
  const all = Array.from({ length: 500 }, () => send());
  expect(all.every(({ isSent }) => isSent())).toBe(true);
});

const slowOnce = async () => {
  const { outcome, end } = send();
  nowMs += 1001;
  end();
  await outcome;
};

const answerAgain = async () => {
  await timeOut();
  nowMs += 4000;
  await isTaken();
};

test.each([
  ['answers slowly', slowOnce],
  ['has answered again after a silence', answerAgain],
])(
  'who %s has a part of the places of each queue for a minute, of which a batch takes one',
  async (_who, become) => {
    const take = (queue: Queue, count: number) =>
      Array.from({ length: count }, () => {
        const hand = { queue };
        return { hand, sent: send('DE', hand) };
      });
    const taken = (all: ReturnType<typeof take>) => all.filter(({ sent }) => sent.isSent()).length;
    expect(taken(take('member', 64))).toBe(64);
    ways = guardWays(() => nowMs);
    await become();
    const members = take('member', 64);
    expect([taken(members), taken(take('emergency', 30)), taken(take('nation', 30))]).toEqual([24, 24, 24]);
    await expect(members.at(-1)?.sent.outcome).rejects.toMatchObject({ code: 'timeout' });
    const [first] = members;
    const sibling = send('DE', first?.hand);
    expect([sibling.isSent(), send('DE').isSent(), send('FR', { queue: 'member' }).isSent()]).toEqual([
      ...[true, true, true],
    ]);
    first?.sent.end();
    await first?.sent.outcome;
    expect(taken(take('member', 1))).toBe(0);
    sibling.end();
    await sibling.outcome;
    expect(taken(take('member', 2))).toBe(1);
    nowMs += 60_000;
    expect(taken(take('member', 40))).toBe(40);
  },
);

test('what fails without a time-out says nothing of the way', async () => {
  for (const error of [new BusError('no-stream', ''), new BusError('full', ''), new Error('no key')]) {
    const { outcome, end } = send();
    end(error);
    await expect(outcome).rejects.toBe(error);
    expect(await isTaken()).toBe(true);
  }
});

test('a nation that fails again is left alone for twice as long, up to half a minute, and after five good minutes for the shortest time', async () => {
  for (const restMs of [4000, 8000, 16_000, 32_000, 32_000]) {
    await timeOut();
    nowMs += restMs - 1;
    expect([restMs, await isTaken()]).toEqual([restMs, false]);
    nowMs += 1;
    expect([restMs, await isTaken()]).toEqual([restMs, true]);
  }
  nowMs += 300_000;
  await timeOut();
  nowMs += 4000;
  expect(await isTaken()).toBe(true);
});

test('time-outs that come together are one', async () => {
  const both = [send(), send()];
  for (const { end } of both) end(TIMED_OUT);
  await Promise.allSettled(both.map(({ outcome }) => outcome));
  nowMs += 4000;
  expect(await isTaken()).toBe(true);
});

test('a clock that was set back ends the rest', async () => {
  await timeOut();
  nowMs -= 3_600_000;
  expect(await isTaken()).toBe(true);
});
