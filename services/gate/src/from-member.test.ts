import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { handedIn, referral } from './fixture/test-messages.js';
import { fromMember } from './from-member.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder();
});
afterAll(async () => await border?.stop());

test('a notice', async () => {
  console.time('x');
  const { bytes } = await referral(border);
  expect(await fromMember(border.gate, handedIn('hotline.nl', bytes))).toBe('done');
  console.timeEnd('x');
  console.log(border.said(), border.logSize());
  console.log(JSON.stringify(await border.deliveredTo('hotline.nl')).slice(0, 300));
  console.log(JSON.stringify(await border.crossed()).slice(0, 300));
  console.timeEnd('x');
});
