import { expect, test } from 'vitest';
import type { Outcome } from './consume.js';
import { createParts } from './parts.js';

/** Handles each part as its script says, one word for each time that it comes. */
function scripted(script: Record<string, (Outcome | Error)[]>) {
  const seen: string[] = [];
  return {
    seen,
    handle: async (part: string): Promise<Outcome> => {
      seen.push(part);
      const outcome = script[part]?.shift() ?? 'done';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
}

test('what is refused harms no other, and the message is settled', async () => {
  const { seen, handle } = scripted({ b: ['drop'] });
  expect(await createParts()('S.1.9', ['a', 'b', 'c'], handle)).toBe('done');
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(await createParts()('S.2.9', ['b'], scripted({ b: ['drop'] }).handle)).toBe('drop');
});

test('of what comes again, only what is not settled is handled again', async () => {
  const parts = createParts();
  const { seen, handle } = scripted({ b: [{ retryInMs: 50 }, 'done'], c: ['drop'] });
  expect(await parts('S.1.9', ['a', 'b', 'c'], handle)).toEqual({ retryInMs: 50 });
  expect(await parts('S.1.9', ['a', 'b', 'c'], handle)).toBe('done');
  expect(seen).toEqual(['a', 'b', 'c', 'b']);
});

test('two parts that end at different times are each handled until they are settled', async () => {
  const parts = createParts();
  const { seen, handle } = scripted({
    a: [{ retryInMs: 70 }, { retryInMs: 90 }],
    b: [{ retryInMs: 50 }],
  });
  expect(await parts('S.1.9', ['a', 'b'], handle)).toEqual({ retryInMs: 50 });
  expect(await parts('S.1.9', ['a', 'b'], handle)).toEqual({ retryInMs: 90 });
  expect(await parts('S.1.9', ['a', 'b'], handle)).toBe('done');
  expect(seen).toEqual(['a', 'b', 'a', 'b', 'a']);
});

test('a part that fails is told as a failure, and waits for the others', async () => {
  const parts = createParts();
  const ended: string[] = [];
  const handle = async (part: string): Promise<Outcome> => {
    if (part === 'bad') throw new Error('ours');
    await new Promise((resolve) => setTimeout(resolve, 10));
    ended.push(part);
    return 'done';
  };
  await expect(parts('S.1.9', ['bad', 'good'], handle)).rejects.toThrow('ours');
  expect(ended).toEqual(['good']);
});

test('another message under the same number, of a stream that was lost, is handled as a whole', async () => {
  const parts = createParts();
  await parts('S.1.9', ['a', 'b'], scripted({ b: [{ retryInMs: 50 }] }).handle);
  const { seen, handle } = scripted({});
  await parts('S.1.10', ['x', 'y'], handle);
  expect(seen).toEqual(['x', 'y']);
});

test('what is forgotten is handled again', async () => {
  const parts = createParts();
  const again = () => scripted({ b: [{ retryInMs: 1 }] });
  await parts('S.0.9', ['a', 'b'], again().handle);
  for (let i = 1; i <= 1024; i++) await parts(`S.${i}.9`, ['a', 'b'], again().handle);
  const { seen, handle } = scripted({});
  await parts('S.0.9', ['a', 'b'], handle);
  expect(seen).toEqual(['a', 'b']);
});
