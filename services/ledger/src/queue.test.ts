import { describe, expect, test } from 'vitest';
import { createQueue } from './queue.js';

/** Work whose every batch waits until it is told how to end. */
function manualWork() {
  const batches: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const work = (items: readonly number[]) =>
    new Promise<string[]>((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`)));
      batches.push({ items, end });
    });
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { batches, work, turn };
}

describe('createQueue', () => {
  test('answers each with its own', async () => {
    const { add } = createQueue(10, async (batch: readonly number[]) => batch.map((item) => item * 2));
    expect(await Promise.all([1, 2, 3].map(add))).toEqual([2, 4, 6]);
    expect(await add(4)).toBe(8);
  });

  test('gathers what comes in while a batch is under way, up to its limit, in order', async () => {
    const { batches, work, turn } = manualWork();
    const queue = createQueue(3, work);
    const answers = [queue.add(0)];
    await turn();
    answers.push(...[1, 2, 3, 4, 5, 6, 7].map(queue.add));
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[0]]);
    for (let at = 0; at < 4; at++) {
      batches[at]?.end();
      await turn();
    }
    expect(batches.map(({ items }) => items)).toEqual([[0], [1, 2, 3], [4, 5, 6], [7]]);
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((item) => `done ${item}`));
  });

  test('gathers what is added at once into one batch', async () => {
    const { batches, work, turn } = manualWork();
    const queue = createQueue(256, work);
    const answers = [1, 2, 3].map(queue.add);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    batches[0]?.end();
    await Promise.all(answers);
  });

  test.each<[string, boolean]>([
    ['rejects', false],
    ['throws', true],
  ])('fails all of a batch whose work %s, and no other', async (_what, atOnce) => {
    const { add } = createQueue(2, (batch: readonly number[]) => {
      const fault = new Error('disk full');
      if (!batch.includes(1)) return Promise.resolve([...batch]);
      if (atOnce) throw fault;
      return Promise.reject(fault);
    });
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(add));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await add(5)).toBe(5);
  });

  test('is idle once all is answered', async () => {
    const { batches, work, turn } = manualWork();
    const queue = createQueue(1, work);
    await queue.idle();
    const answers = [1, 2].map(queue.add);
    let idle = false;
    const waiting = queue.idle().then(() => {
      idle = true;
    });
    for (const at of [0, 1]) {
      await turn();
      expect(idle).toBe(false);
      batches[at]?.end();
    }
    await Promise.all([...answers, waiting]);
  });
});
