import { expect, test } from 'vitest';
import { rememberChecked } from './checked-drafts.js';

test('of more drafts than are remembered those are forgotten that came first', () => {
  const drafts = rememberChecked(2);
  for (const id of ['a', 'b', 'c']) drafts.add(id);
  expect(['a', 'b', 'c'].map(drafts.has)).toEqual([false, true, true]);
  drafts.forget('c');
  drafts.add('d');
  expect(['a', 'b', 'c', 'd'].map(drafts.has)).toEqual([false, true, false, true]);
});
