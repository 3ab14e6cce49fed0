import { describe, expect, test } from 'vitest';
import { atMost, gather } from './gather.js';
import { sendTogether } from './send-together.js';

/** Work whose every group waits until it is told how to end. */
function manualWork<Item>() {
  const groups: { items: readonly Item[]; end: (error?: Error) => void }[] = [];
  const work = (items: readonly Item[]) =>
    new Promise<string[]>((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`)));
      groups.push({ items, end });
    });
  return { groups, work };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('gather', () => {
  test('waits for nobody alone, and gathers what comes in meanwhile', async () => {
    const { groups, work } = manualWork<number>();
    const { add, waiting, isIdle } = gather(work, { fitting: atMost(2) });
    expect(isIdle()).toBe(true);
    const answers = [add(0)];
    await turn();
    answers.push(...[1, 2, 3].map(add));
    await turn();
    expect(groups.map(({ items }) => items)).toEqual([[0]]);
    expect(waiting()).toBe(3);
    expect(isIdle()).toBe(false);
    for (let at = 0; at < 3; at++) {
      groups[at]?.end();
      await turn();
    }
    expect(groups.map(({ items }) => items)).toEqual([[0], [1, 2], [3]]);
    expect(await Promise.all(answers)).toEqual(['done 0', 'done 1', 'done 2', 'done 3']);
    expect(isIdle()).toBe(true);
  });

  test('asks how many fit by their sizes, and takes one even where none does', async () => {
    const asked: (readonly number[])[] = [];
    const { add } = gather(async (items: readonly string[]) => items, {
      fitting: (sizes) => {
        asked.push(sizes);
        return 0;
      },
      sizeOf: ({ length }) => length,
    });
    expect(await Promise.all([add('long'), add('s')])).toEqual(['long', 's']);
    expect(asked).toEqual([[4, 1], [1]]);
  });

  test('tells all of a group what its work throws, and goes on with the next', async () => {
    const { groups, work } = manualWork<number>();
    const { add, idle } = gather(work, { fitting: atMost(2) });
    const outcomes = Promise.allSettled([0, 1, 2].map(add));
    await turn();
    groups[0]?.end(new Error('full'));
    await turn();
    groups[1]?.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await idle();
  });
});

describe('sendTogether', () => {
  const packed = { pack: (items: readonly Uint8Array[]) => Buffer.concat(items), fitting: atMost(2) };

  test('stores what goes to one subject together, in its order, and says so to each', async () => {
    const sent: string[] = [];
    const send = sendTogether(async (subject, bytes) => {
      sent.push(`${subject} ${Buffer.from(bytes)}`);
    }, packed);
    await Promise.all(['1', '2', '3'].map((text) => send('a', Buffer.from(text))));
    expect(sent).toEqual(['a 12', 'a 3']);
  });

  test('a subject that cannot be reached keeps no other waiting', async () => {
    const stuck = withResolvers();
    const sent: string[] = [];
    const send = sendTogether(async (subject) => {
      if (subject === 'down') await stuck.promise;
      sent.push(subject);
    }, packed);
    const waits = send('down', Buffer.from('1'));
    await send('up', Buffer.from('2'));
    expect(sent).toEqual(['up']);
    stuck.resolve(undefined);
    await waits;
    expect(sent).toEqual(['up', 'down']);
  });
});

function withResolvers() {
  let resolve: (value: unknown) => void = () => undefined;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('groups begin some time apart, unless one is full; the first waits for nobody', async () => {
  const open = (everyMs: number) => {
    const begun: { readonly atMs: number; readonly size: number }[] = [];
    const startedMs = performance.now();
    const { add } = gather(
      async (items: readonly number[]) => {
        begun.push({ atMs: performance.now() - startedMs, size: items.length });
        return items;
      },
      { fitting: atMost(3), everyMs },
    );
    return { begun, add };
  };
  const { begun, add } = open(300);
  await add(0);
  await Promise.all([add(1), add(2)]);
  await Promise.all([3, 4, 5, 6].map(add));
  expect(begun.map(({ size }) => size)).toEqual([1, 2, 3, 1]);
  // From the begin on, as a busy machine may take its time between two of them: no group comes before its turn.
  expect(begun[1]?.atMs).toBeGreaterThan(290);
  expect(begun[3]?.atMs).toBeGreaterThan(590);

  // What waits here comes after the end of the test.
  const slow = open(3_600_000);
  await slow.add(0);
  const four = [1, 2, 3, 4].map(slow.add);
  await Promise.all(four.slice(0, 3));
  expect(slow.begun.map(({ size }) => size)).toEqual([1, 3]);
});
