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

test('asks the same once however long the answer takes, whose time begins with it', async () => {
  const state = { nowMs: 0, asked: 0 };
  const share = shareAnswers<number>(1000, () => state.nowMs);
  let answerIt = (_answer: number): void => undefined;
  const ask = () =>
    share(Buffer.from('a'), () => {
      state.asked += 1;
      return new Promise<number>((resolve) => {
        answerIt = resolve;
      });
    });
  const first = ask();
  state.nowMs = 3000;
  const second = ask();
  expect(state.asked).toBe(1);
  answerIt(7);
  expect(await Promise.all([first, second])).toEqual([7, 7]);
  state.nowMs = 3999;
  expect(await ask()).toBe(7);
  expect(state.asked).toBe(1);
  state.nowMs = 4000;
  void ask();
  expect(state.asked).toBe(2);
});

test('what failed late forgets nothing that was asked since', async () => {
  const share = shareAnswers<number>(1000, () => 0);
  let failIt = (_error: Error): void => undefined;
  const failing = share(
    Buffer.from('a'),
    () =>
      new Promise<number>((_, reject) => {
        failIt = reject;
      }),
  );
  for (let i = 0; i < 500; i++) await share(Buffer.from(String(i)), async () => i);
  expect(await share(Buffer.from('a'), async () => 1)).toBe(1);
  failIt(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  expect(await share(Buffer.from('a'), async () => 2)).toBe(1);
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
