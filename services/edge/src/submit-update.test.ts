import { readFileSync } from 'node:fs';
import type { Content, Referral, Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep } from './submit.js';
import { submitUpdate, type UpdateRequest } from './submit-update.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const MINUTE_MS = 60_000;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** What becomes of an update about a referral of that urgency, which was delivered. */
function updateOf(urgency: Content['urgency'], request: Partial<UpdateRequest> = {}) {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), urgency } as Content;
  const { id, caseId } = keep(
    edge,
    { ...submission, content },
    {
      key: null,
      createdMs: clock.ms,
    },
  );
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: Buffer.alloc(32, id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission: { ...submission, content } }, clock.ms);
  const about = { messageId: id, evidence: 'delivered', source: submission.to, atMs: clock.ms } as const;
  edge.evidence.file({ ...about, code: '', reason: '', rules: [], raw: new Uint8Array() });
  const accepted = submitUpdate(edge, caseId, { update: 'repeat', ...request }, { key: null });
  const row = edge.outbox.find(accepted?.id ?? '');
  if (!row) throw new Error('it is kept');
  const said = row.submission.content as Content;
  return { urgency: said.urgency, isEmergency: row.isEmergency, dueMs: row.deliveryDueMs - row.createdMs };
}

test('what is said in an emergency is as urgent: ahead of what waits, and due as soon', () => {
  expect(updateOf('emergency')).toEqual({
    ...{ urgency: 'emergency', isEmergency: true },
    dueMs: 30 * MINUTE_MS,
  });
});

test('what is said of an urgent referral is urgent, and of any other is not', () => {
  expect(updateOf('urgent')).toMatchObject({ urgency: 'urgent', isEmergency: false });
  expect(updateOf('routine')).toMatchObject({ urgency: 'routine', isEmergency: false });
});

test('a desk may say that it is less urgent', () => {
  expect(updateOf('emergency', { urgency: 'routine' })).toMatchObject({
    ...{ urgency: 'routine', isEmergency: false },
    dueMs: 24 * 60 * MINUTE_MS,
  });
});
