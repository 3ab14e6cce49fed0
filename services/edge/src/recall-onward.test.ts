import { readFileSync } from 'node:fs';
import { newId, type Referral, type Update, wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { findThreads } from './find-threads.js';
import { arrive, arrived, SENDER } from './fixture/arrived.js';
import { logOf, onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import { forwardReferral } from './forward-referral.js';
import type { CheckedSubmission } from './outbox-row.js';
import { beginLegalHold, endLegalHold } from './set-legal-hold.js';

const EXAMPLE = new URL('../../../examples/01-csam-page-hosted-abroad.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const SECRET = 'words-that-have-to-go';
const REFERRAL = { ...(submission.content as Referral), summary: SECRET } as Referral;
const CHANGE = { action: 'remove', force: 'notice', legal_basis: ['gdpr-6-1-f', 'dsa-16'] };

let own: TestEdge;
let onward: { readonly id: string; readonly caseId: string };
const [caseId, referral, recall] = [newId(), newId(), newId()];
const between = { caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' };
beforeEach(async () => {
  own = await testEdge('hotline.fr');
  await arrive(own.edge, arrived({ id: referral, ...between, issuedAtMs: 1 }, REFERRAL));
  const edge = { ...own.edge, directory: () => ({ member: () => ({}) }) as never };
  const request = { to: 'isp.fr', to_role: 'hosting', change: CHANGE };
  onward = forwardReferral(edge, caseId, request, { key: null }) ?? { id: '', caseId: '' };
});
afterEach(() => own.close());

/** As it is when it has come to its outcome, or is on its way. */
function sent(outcome: 'delivered' | 'refused' | 'under way', id = onward.id): void {
  const envelope = wire.envelope.encode({ seal: Buffer.from('e30.e30.c2ln'), body: Buffer.from('body') });
  const form = { envelope, envelopeSha256: Buffer.alloc(32), messageHash: Buffer.alloc(32) };
  const whole = { ...form, salt: Buffer.alloc(16), notes: [], submission: submissionOf(id) };
  own.edge.outbox.seal(id, whole, own.edge.now());
  if (outcome !== 'under way')
    own.edge.outbox.conclude(id, { outcome, code: '', reason: '', atMs: own.edge.now() });
}
const submissionOf = (id: string) => own.edge.outbox.submission(id) as CheckedSubmission;

async function takeBack(remove: boolean, id = recall): Promise<void> {
  const { category, purpose, handling, urgency } = REFERRAL;
  const content = {
    ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 90 },
    ...{ update: 'recall', recall_ground: 'not-illegal', remove_copy: remove, text: 'their own words' },
  } as unknown as Update;
  await arrive(own.edge, arrived({ id, ...between, inReplyTo: referral, issuedAtMs: 2 }, content));
}
const recallsOnward = () =>
  own.edge.outbox.inCase(onward.caseId).filter((row) => row.updateWord === 'recall');
const isErased = () => own.edge.outbox.find(onward.id)?.removedMs !== null;

describe('what is taken back after it was sent on', () => {
  test('is taken back there as well, for the same reason, without the words of who took it back', async () => {
    sent('delivered');
    await takeBack(true);
    const [row, other] = recallsOnward();
    expect(other).toBeUndefined();
    expect(row).toMatchObject({ to: 'isp.fr', inReplyTo: onward.id, state: 'draft' });
    expect(row?.submission.content).toMatchObject({ recall_ground: 'not-illegal', remove_copy: true });
    expect(JSON.stringify(row?.submission)).not.toContain('their own words');
    expect(findThreads(own.edge, onward.caseId)[0]?.followed.state).toBe('recalled');
  });

  test('goes from what was sent as well, on record as taken back by who had sent it first', async () => {
    sent('delivered');
    await takeBack(true);
    await endRetention(own.edge);
    expect(logOf(own.edge).filter(({ message_id: id }) => id === onward.id)).toMatchObject([
      { what: 'erasure', actor: `hotline.de/${SENDER}`, detail: 'recalled', reference: recall },
    ]);
    expect(onDisk(own)).not.toContain(SECRET);
  });

  test('stays in what was sent until that has its outcome, and while a legal hold keeps it', async () => {
    sent('under way');
    await beginLegalHold(own.edge, onward.caseId, ORDER, ANNA);
    await takeBack(true);
    await endRetention(own.edge);
    expect(isErased()).toBe(false);
    own.edge.outbox.conclude(onward.id, { outcome: 'delivered', code: '', reason: '', atMs: 1 });
    await endRetention(own.edge);
    expect(isErased()).toBe(false);
    await endLegalHold(own.edge, onward.caseId, ORDER, ANNA);
    await endRetention(own.edge);
    expect(isErased()).toBe(true);
  });

  test('stays in all copies where none has to go', async () => {
    sent('delivered');
    await takeBack(false);
    expect(recallsOnward()[0]?.submission.content).toMatchObject({ remove_copy: false });
    own.clock.ms += 60_000;
    await endRetention(own.edge);
    expect(isErased()).toBe(false);
  });

  test('is taken back once, whatever more comes', async () => {
    sent('delivered');
    await takeBack(true);
    await endRetention(own.edge);
    await takeBack(true, newId());
    expect(recallsOnward()).toHaveLength(1);
  });

  test('is not spoken of to who never had it, and goes from what would have been sent', async () => {
    sent('refused');
    await takeBack(true);
    await endRetention(own.edge);
    expect(recallsOnward()).toEqual([]);
    expect(isErased()).toBe(true);
  });

  test('is not sent on any more if it had not been yet', async () => {
    await takeBack(true);
    for (const row of own.edge.outbox.inCase(onward.caseId))
      expect(row).toMatchObject({ state: 'ended', outcome: 'recalled' });
  });
});

const ANNA = { actor: `pn:${'b'.repeat(32)}`, justification: '' };
const ORDER = { reason: 'court file 17/26', signoff: { proposedBy: '', approvedBy: [] } };
