import { readFileSync } from 'node:fs';
import type { Referral, Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const HOUR = 3_600_000;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

function take(urgency: Referral['urgency'], createdMs: number): string {
  const content = { ...(submission.content as Referral), urgency };
  return keep(own.edge, { ...submission, content } as CheckedSubmission, { key: null, createdMs }).id;
}
const due = (limit: number, fresh?: number) =>
  own.edge.outbox.due(own.clock.ms, limit, fresh).map(({ id }) => id);

it('what was handed in by a clock that was ahead is due now, and no more of it than of all else', () => {
  const { ms } = own.clock;
  const ordinary = take('routine', ms);
  const ahead = [1, 2, 3].map((n) => take('routine', ms + n * HOUR));
  const emergency = take('emergency', ms + HOUR);
  expect(due(2)).toEqual([emergency, ordinary, ahead[0]]);
  expect(due(64, 1)).toEqual([emergency, ordinary]);
  expect(due(64, 0)).toEqual([emergency]);
  expect(due(64)).toHaveLength(5);
});
