import { readFileSync } from 'node:fs';
import { type HandlingCode, newId, type Referral, type Submission } from '@entente/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrive, arrived } from './fixture/arrived.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { forwardReferral } from './forward-referral.js';
import { NotPossible } from './submit-update.js';

const EXAMPLE = new URL('../../../examples/01-csam-page-hosted-abroad.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = { ...(submission.content as Referral), handling: 'TLP:AMBER', retention_days: 90 } as const;
const ONWARD = { action: 'remove', force: 'notice', legal_basis: ['gdpr-6-1-f', 'dsa-16'] };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge('hotline.fr');
});
afterEach(() => own.close());

/** Forwards what came from hotline.de, and reads what goes on. */
async function forwarded(change: object, received: Referral = REFERRAL): Promise<Referral> {
  const [id, caseId] = [newId(), newId()];
  await arrive(
    own.edge,
    arrived({ id, caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' }, received),
  );
  const edge = { ...own.edge, directory: () => ({ member: () => ({}) }) as never };
  const request = { to: 'isp.fr', to_role: 'hosting', change: { ...ONWARD, ...change } };
  const accepted = forwardReferral(edge, caseId, request, { key: null });
  return edge.outbox.find(accepted?.id ?? '')?.submission.content as Referral;
}

test.each<[string, object, HandlingCode?]>([
  ['where it came from, or a consent', { origin: { nation: 'DE', onward_consent: true } }],
  ['a wider marking', { handling: 'TLP:CLEAR' }],
  ['a wider marking by one step', { handling: 'TLP:GREEN' }],
  ['a longer time', { retention_days: 91 }],
  ['no handling code', { handling_code: 'none' }, 'H2'],
  ['a handling code that forbids something else', { handling_code: 'H3' }, 'H1'],
  ['no handling code in place of the least', { handling_code: 'none' }, 'H0'],
])('what was received does not go on with %s', async (_, change, code) => {
  const received = code === undefined ? REFERRAL : { ...REFERRAL, handling_code: code };
  await expect(forwarded(change, received)).rejects.toThrow(NotPossible);
  expect(own.edge.outbox.list(10)).toEqual([]);
});

test.each([
  { handling: 'TLP:AMBER+STRICT' },
  { handling: 'TLP:AMBER', retention_days: 90 },
  { retention_days: 1 },
  { handling_code: 'H2' },
  { necessity: 'It hosts these pages.' },
])('but with what is no wider: %j', async (change) => {
  expect(await forwarded(change)).toMatchObject({
    ...change,
    origin: { nation: 'DE', onward_consent: false },
  });
});

test('and with the address that its originator has corrected', async () => {
  const [id, caseId] = [newId(), newId()];
  const between = { caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' };
  await arrive(own.edge, arrived({ id, ...between, issuedAtMs: 1 }, REFERRAL));
  const [first] = REFERRAL.items;
  const address = { url: 'https://img.example.net/a/other' };
  const correct = {
    ...{ update: 'correct', action: 'inform', text: 'A letter was wrong.' },
    items: [{ id: first?.id, address }],
  };
  await arrive(
    own.edge,
    arrived({ id: newId(), ...between, inReplyTo: id, issuedAtMs: 2 }, { ...REFERRAL, ...correct } as never),
  );
  const edge = { ...own.edge, directory: () => ({ member: () => ({}) }) as never };
  const accepted = forwardReferral(
    edge,
    caseId,
    { to: 'isp.fr', to_role: 'hosting', change: ONWARD },
    { key: null },
  );
  const sent = edge.outbox.find(accepted?.id ?? '')?.submission.content as Referral;
  expect(sent.items).toEqual([{ ...first, address }, ...REFERRAL.items.slice(1)]);
});
