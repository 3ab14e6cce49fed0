import { readFileSync } from 'node:fs';
import { newId, type Referral, type Update, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eraseCase } from './erase-case.js';
import { arrive, arrived, SENDER } from './fixture/arrived.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import { sayErased } from './say-erased.js';
import { beginLegalHold, endLegalHold } from './set-legal-hold.js';

const EXAMPLE = new URL('../../../examples/01-csam-page-hosted-abroad.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const REFERRAL = submission.content as Referral;
const WHO = { actor: 'pn:0123456789abcdef0123456789abcdef', justification: '' };
const NOBODY = { proposedBy: '', approvedBy: [] };

let own: TestEdge;
const [caseId, referral] = [newId(), newId()];
const between = { caseId, from: SENDER, to: 'hotline.fr', toRole: 'hotline' };
beforeEach(async () => {
  own = await testEdge('hotline.fr');
  await arrive(own.edge, arrived({ id: referral, ...between, issuedAtMs: 1 }, REFERRAL));
});
afterEach(() => own.close());

async function takeBack(remove: boolean): Promise<void> {
  const { category, purpose, handling, urgency } = REFERRAL;
  const content = {
    ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 90 },
    ...{ update: 'recall', recall_ground: 'not-illegal', remove_copy: remove },
  } as unknown as Update;
  await arrive(own.edge, arrived({ id: newId(), ...between, inReplyTo: referral, issuedAtMs: 2 }, content));
}

/** What is said to whom, as it is sealed. */
const said = () =>
  own.edge.statements
    .due(own.edge.now() + 1, 100)
    .map(({ envelope }) => readUnverifiedHeader(wire.envelope.decode(envelope).seal))
    .filter(({ statement }) => statement?.evidence === 'erased');

test('a copy that was taken back is said to be gone to who took it back, once, under one seal', async () => {
  await sayErased(own.edge);
  expect(said()).toEqual([]);
  await takeBack(true);
  await sayErased(own.edge);
  await sayErased(own.edge);
  const [header, ...more] = said();
  expect(more).toEqual([]);
  expect(header).toMatchObject({
    ...between,
    from: 'hotline.fr',
    to: SENDER,
    fromRole: 'hotline',
    toRole: 'hotline',
  });
  expect(header?.statement?.about.map(({ messageId }) => messageId)).toContain(referral);
  expect(header?.statement?.about).toHaveLength(2);
});

test('what was taken back and stays is not said to be gone', async () => {
  await takeBack(false);
  await sayErased(own.edge);
  expect(said()).toEqual([]);
});

test('what a legal hold keeps is said to be gone when that has ended', async () => {
  await beginLegalHold(own.edge, caseId, { reason: 'file 1', signoff: NOBODY }, WHO);
  await takeBack(true);
  await sayErased(own.edge);
  expect(said()).toEqual([]);
  await endLegalHold(own.edge, caseId, { reason: '', signoff: NOBODY }, WHO);
  await sayErased(own.edge);
  expect(said()).toHaveLength(1);
});

test('is said also where the proofs went meanwhile, by an order', async () => {
  await takeBack(true);
  await eraseCase(own.edge, caseId, { reason: 'order', reference: 'file 2', signoff: NOBODY }, WHO);
  await sayErased(own.edge);
  expect(said()).toHaveLength(1);
  expect(own.edge.unsaidErasures.list(10)).toEqual([]);
});

test('what is gone whole before that was said is forgotten', async () => {
  await takeBack(true);
  for (const { messageHash } of own.edge.cases.inCase(caseId)) own.edge.cases.drop(messageHash);
  await sayErased(own.edge);
  expect([said(), own.edge.unsaidErasures.list(10)]).toEqual([[], []]);
});
