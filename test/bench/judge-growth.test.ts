import { expect, it } from 'vitest';
import { judgeGrowth } from './judge-growth.mjs';

const SIZES = [10, 1000, 10];
const verdicts = (first: object, large: object, last: object) =>
  Object.fromEntries(
    judgeGrowth('members', [first, large, last] as never, SIZES).map((row) => [row.what, row['within 15 %']]),
  );

it('says of each figure whether it holds even beside the better of the two smallest', () => {
  const small = { perSecond: 200, 'cpu all': 7, 'calm p50': 20, 'calm p99': 40, 'mb all': 1000 };
  const large = { perSecond: 180, 'cpu all': 8, 'calm p50': 23.1, 'calm p99': 40, 'mb all': 1200 };
  expect(verdicts(small, large, { ...small, perSecond: 190 })).toEqual({
    '1,000 members: referrals a second': 'holds',
    '1,000 members: processor time': 'holds',
    '1,000 members: p50, calmly': 'does not hold',
    '1,000 members: p99, calmly': 'holds',
    '1,000 members: memory': 'does not hold',
  });
});

it('does not say that something holds, or does not, where the machine itself differed by as much', () => {
  const [large, fast, slow] = [{ perSecond: 180 }, { perSecond: 240 }, { perSecond: 170 }];
  const cannot = { '1,000 members: referrals a second': expect.stringContaining('cannot be told') };
  expect(verdicts(fast, large, slow)).toEqual(cannot);
  expect(verdicts(slow, large, fast)).toEqual(cannot);
  expect(verdicts(fast, { perSecond: 140 }, slow)).toEqual({
    '1,000 members: referrals a second': 'does not hold',
  });
});

it('judges a rate the other way round than a time, and passes over what was not measured', () => {
  const rows = judgeGrowth('members', [{ perSecond: 100 }, { perSecond: 400 }, { perSecond: 100 }], SIZES);
  expect(rows).toEqual([
    {
      what: '1,000 members: referrals a second',
      'times as bad, least': 0.25,
      'times as bad, most': 0.25,
      'within 15 %': 'holds',
    },
  ]);
});
