import { readFileSync } from 'node:fs';
import { newId, type Referral, type Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { escalateReferral } from './escalate-referral.js';
import { findThreads } from './find-threads.js';
import { arrive, arrived } from './fixture/arrived.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { forwardReferral } from './forward-referral.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';
import { NotPossible, submitUpdate } from './submit-update.js';
import { linksJson } from './thread-json.js';

const read = (name: string) => {
  const file = new URL(`../../../examples/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { submission: Submission }).submission;
};
const NOTICE = read('02-csam-notice-to-the-host');
const TO_HOTLINE = read('01-csam-page-hosted-abroad').content as Referral;
const TO_POLICE = {
  ...{ to: 'police.fr', to_role: 'police', necessity: 'The host has not answered seven notices.' },
};

let own: TestEdge;
let edge: Edge;
beforeEach(async () => {
  own = await testEdge('hotline.fr');
  edge = { ...own.edge, directory: () => ({ member: () => ({}) }) as never };
});
afterEach(() => own.close());

const clocks = [
  ...[{ clock: 'act-on-notice', minutes: 60, kind: 'law', starts: 'delivered', ends: 'acted' } as const],
];
const sendNotice = () =>
  keep(
    edge,
    { ...NOTICE, content: { ...(NOTICE.content as Referral), clocks } },
    { key: null, createdMs: edge.now() },
  );
const contentOf = (id = '') => edge.outbox.find(id)?.submission.content as Referral;
const outbox = () => edge.outbox.list(10).map(({ id }) => id);

test('what nobody has acted on goes to the police to be assessed, and its recipient learns to whom it went', () => {
  const { id, caseId } = sendNotice();
  const accepted = escalateReferral(edge, caseId, TO_POLICE, { key: 'key' });
  const { items, summary } = NOTICE.content as Referral & { readonly summary: string };
  expect(edge.outbox.find(accepted?.id ?? '')).toMatchObject({ to: 'police.fr', updateWord: '' });
  expect(contentOf(accepted?.id)).toMatchObject({
    ...{ action: 'assess', force: 'voluntary', legal_basis: ['gdpr-6-1-f'] },
    ...{ necessity: TO_POLICE.necessity, items, summary },
  });
  expect(contentOf(accepted?.id)).not.toHaveProperty('clocks');
  const [thread] = findThreads(edge, caseId);
  expect(thread?.said).toMatchObject([{ content: { update: 'escalate', escalated_to: 'police' } }]);
  expect(thread?.followed.isEscalated).toBe(true);
  expect(thread && linksJson(edge, thread).sent_on).toEqual([
    { case_id: accepted?.caseId, message: accepted?.id },
  ]);
  const [there] = findThreads(edge, accepted?.caseId ?? '');
  expect(there && linksJson(edge, there).made_of).toEqual({ case_id: caseId, message: id });
  const before = outbox();
  expect(escalateReferral(edge, caseId, TO_POLICE, { key: 'key' })?.id).toBe(accepted?.id);
  expect(outbox()).toEqual(before);
});

test('what was corrected since goes to the police as it was corrected', () => {
  const { caseId } = sendNotice();
  const address = { url: 'https://img.example.net/a/other' };
  const [first] = (NOTICE.content as Referral).items;
  const items = [{ id: first?.id ?? '', address }];
  submitUpdate(edge, caseId, { update: 'correct', text: 'A letter was wrong.', items }, { key: null });
  const accepted = escalateReferral(edge, caseId, TO_POLICE, { key: null });
  expect(contentOf(accepted?.id).items[0]).toEqual({ ...first, address });
});

test('nobody is told of what cannot be escalated, and nothing goes that nobody is told of', () => {
  const { caseId } = sendNotice();
  const toHost = { ...TO_POLICE, to: 'isp.fr' };
  expect(() => escalateReferral(edge, caseId, toHost, { key: null })).toThrow(NotPossible);
  submitUpdate(edge, caseId, { update: 'close' }, { key: null });
  const before = outbox();
  expect(() => escalateReferral(edge, caseId, TO_POLICE, { key: null })).toThrow(NotPossible);
  expect(outbox()).toEqual(before);
});

test('what had come from another member keeps what that has bound, and is taken back with it', async () => {
  const [id, caseId] = [newId(), newId()];
  const between = { caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' };
  await arrive(edge, arrived({ id, ...between, issuedAtMs: 1 }, { ...TO_HOTLINE, handling: 'TLP:AMBER' }));
  const change = { action: 'remove', force: 'notice', legal_basis: ['gdpr-6-1-f', 'dsa-16'] };
  const onward = forwardReferral(edge, caseId, { to: 'isp.fr', to_role: 'hosting', change }, { key: null });
  const escalate = (wider: Record<string, unknown>) =>
    escalateReferral(edge, onward?.caseId ?? '', { ...TO_POLICE, change: wider }, { key: null });
  expect(() => escalate({ handling: 'TLP:CLEAR' })).toThrow(NotPossible);
  const accepted = escalate({});
  const { category, purpose, handling, urgency, retention_days } = TO_HOTLINE;
  const recall = {
    ...{ category, purpose, handling, urgency, retention_days, action: 'inform', force: 'voluntary' },
    ...{ update: 'recall', recall_ground: 'not-illegal' },
  };
  await arrive(edge, arrived({ id: newId(), ...between, inReplyTo: id, issuedAtMs: 2 }, recall as never));
  for (const one of [onward, accepted])
    expect(findThreads(edge, one?.caseId ?? '')[0]?.followed.state).toBe('recalled');
});
