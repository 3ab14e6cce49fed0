import { readFileSync } from 'node:fs';
import { type Content, newId, type Referral, type Submission, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrive as arriveAt, arrived } from './fixture/arrived.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { openCase } from './open-case.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = submission.content as Referral;
const ANNA = { actor: `pn:${'b'.repeat(32)}`, justification: '' };

let own: TestEdge;
const caseId = newId();
beforeEach(async () => {
  own = await testEdge('isp.fr');
});
afterEach(() => own.close());

const arrive = async (id: string, content: Content, inReplyTo = '') =>
  await arriveAt(
    own.edge,
    arrived(
      { id, caseId, inReplyTo, issuedAtMs: inReplyTo === '' ? 1 : 2, from: 'hotline.de', to: 'isp.fr' },
      content,
    ),
  );
const { category, purpose, handling, urgency } = REFERRAL;
const RECALL = {
  ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 90 },
  ...{ update: 'recall', recall_ground: 'mistake', remove_copy: true },
} as unknown as Content;
/** Of which messages their senders are told that somebody has opened them. */
const told = () =>
  own.edge.statements.due(own.clock.ms, 9).flatMap(({ envelope }) => {
    const { statement } = readUnverifiedHeader(wire.envelope.decode(envelope).seal);
    return statement?.evidence === 'retrieved' ? statement.about.map(({ messageId }) => messageId) : [];
  });

test('each message that is here is told as opened, once', async () => {
  const [one, other] = [newId(), newId()];
  await arrive(one, REFERRAL);
  await arrive(other, REFERRAL);
  expect([await openCase(own.edge, caseId, ANNA), await openCase(own.edge, caseId, ANNA)]).toEqual([2, 0]);
  expect(told().sort()).toEqual([one, other].sort());
});

test('nobody is told that what was taken back, and is gone, was opened after that', async () => {
  const [one, other] = [newId(), newId()];
  await arrive(one, REFERRAL);
  await arrive(newId(), RECALL, one);
  await arrive(other, REFERRAL);
  expect(await openCase(own.edge, caseId, ANNA)).toBe(1);
  expect(told()).toEqual([other]);
});
