import { expect, test } from 'vitest';
import { shareAnswers } from './share-answers.js';

function asking() {
  const state = { nowMs: 0, asked: 0 };
  const share = shareAnswers<number>(1000, () => state.nowMs);
  const ask = (question: string, fails = false) =>
    share(Buffer.from(question), async () => {
      state.asked += 1;
      if (fails) throw new Error('no');
      return state.asked;
    });
  return { state, ask };
}

test('asks the same once, also while it is asked, and again when its time is over', async () => {
  const { state, ask } = asking();
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual([1, 1, 2]);
  state.nowMs = 999;
  expect(await ask('a')).toBe(1);
  state.nowMs = 1000;
  expect(await ask('a')).toBe(3);
});

test('does not keep what failed', async () => {
  const { ask } = asking();
  await expect(ask('a', true)).rejects.toThrow('no');
  expect(await ask('a')).toBe(2);
});

test('keeps no more than it may', async () => {
  const { state, ask } = asking();
  for (let i = 0; i < 501; i++) await ask(String(i));
  expect(await ask('500')).toBe(501);
  expect(state.asked).toBe(501);
  await ask('0');
  expect(state.asked).toBe(502);
});
