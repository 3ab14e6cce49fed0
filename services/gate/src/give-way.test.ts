import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { giveWay } from './give-way.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when it is told to. */
function held() {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => promise, end: () => end() };
}

/** What has happened, in its order. */
function watched(way: ReturnType<typeof giveWay>) {
  const said: string[] = [];
  return {
    said,
    ordinary: (name: string) => void way.ordinary().then(() => said.push(name)),
    ahead: (name: string, work: () => Promise<void>) => void way.ahead(work).then(() => said.push(name)),
  };
}
const settle = async () => await vi.advanceTimersByTimeAsync(0);

it('ordinary work waits for nobody while there is no emergency, and for the last of those that are in hand', async () => {
  const { said, ordinary, ahead } = watched(giveWay({}));
  ordinary('before');
  await settle();
  const [one, other] = [held(), held()];
  ahead('one', one.work);
  ahead('other', other.work);
  ordinary('after');
  one.end();
  await settle();
  expect(said).toEqual(['before', 'one']);
  other.end();
  await settle();
  expect(said).toEqual(['before', 'one', 'other', 'after']);
});

it('an emergency that fails keeps nobody waiting', async () => {
  const way = giveWay({});
  const { said, ordinary } = watched(way);
  const failed = way.ahead(() => Promise.reject(new Error('not now')));
  ordinary('after');
  await expect(failed).rejects.toThrow('not now');
  await settle();
  expect(said).toEqual(['after']);
});

it('one that hangs holds up nothing but what waits when it comes, and that not for long', async () => {
  const { said, ordinary, ahead } = watched(giveWay({ giveWayMs: 250 }));
  ahead('hangs', held().work);
  ordinary('waits');
  await vi.advanceTimersByTimeAsync(249);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(['waits']);
  ordinary('later');
  await settle();
  expect(said).toEqual(['waits', 'later']);
});

it('under emergencies without end each step of what waits is done in time', async () => {
  const { said, ordinary, ahead } = watched(giveWay({ giveWayMs: 250 }));
  const next = setInterval(() => ahead('', () => new Promise((resolve) => setTimeout(resolve, 100))), 50);
  await vi.advanceTimersByTimeAsync(100);
  const steps = ['first', 'second', 'third', 'fourth'];
  for (const step of steps) {
    ordinary(step);
    await vi.advanceTimersByTimeAsync(250);
  }
  clearInterval(next);
  expect(said.filter((one) => one !== '')).toEqual(steps);
  // Nothing is left that would keep a process from ending.
  await vi.advanceTimersByTimeAsync(250);
  expect(vi.getTimerCount()).toBe(0);
});
