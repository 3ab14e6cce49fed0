import { readFileSync } from 'node:fs';
import { newId, type Referral, type Submission, type Update } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findThreads } from './find-threads.js';
import { arrive, arrived } from './fixture/arrived.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { forwardReferral } from './forward-referral.js';
import type { Edge } from './state.js';
import { TooBusy } from './submit.js';
import { submitUpdate } from './submit-update.js';
import { linksJson } from './thread-json.js';

const EXAMPLE = new URL('../../../examples/01-csam-page-hosted-abroad.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = { ...(submission.content as Referral), handling: 'TLP:AMBER', retention_days: 90 } as const;
const CHANGE = { action: 'remove', force: 'notice', legal_basis: ['gdpr-6-1-f', 'dsa-16'] };
const [ITEM] = REFERRAL.items;
const item = ITEM?.id ?? '';
const RIGHT = { url: 'https://img.example.net/a/right' };
const LATER = { url: 'https://img.example.net/a/later' };

let own: TestEdge;
let edge: Edge;
const [caseId, referral] = [newId(), newId()];
const between = { caseId, from: 'hotline.de', to: 'hotline.fr', toRole: 'hotline' };
beforeEach(async () => {
  own = await testEdge('hotline.fr');
  edge = { ...own.edge, directory: () => ({ member: () => ({}) }) as never };
});
afterEach(() => own.close());

async function forwarded(change: object = {}, received: Referral = REFERRAL) {
  await arrive(edge, arrived({ id: referral, ...between, issuedAtMs: 1 }, received));
  const request = { to: 'isp.fr', to_role: 'hosting', change: { ...CHANGE, ...change } };
  const accepted = forwardReferral(edge, caseId, request, { key: null });
  if (!accepted) throw new Error('not forwarded');
  return accepted;
}

function correction(more: Partial<Update>): Update {
  const { category, purpose, handling, urgency } = REFERRAL;
  return {
    ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 30 },
    ...{ update: 'correct', text: 'A letter was wrong.', items: [{ id: item, address: RIGHT }] },
    ...more,
  };
}
const correct = (more: Partial<Update> = {}, issuedAtMs = 2, id = newId()) =>
  arrive(edge, arrived({ id, ...between, inReplyTo: referral, issuedAtMs }, correction(more)));
const saidThere = (there: { readonly caseId: string }) =>
  edge.outbox
    .inCase(there.caseId)
    .filter((row) => row.updateWord !== '')
    .map((row) => ({
      ...row.submission.content,
      to: row.to,
      inReplyTo: row.inReplyTo,
      actor: row.submission.actor,
    }));
const threadHere = () => {
  const thread = findThreads(edge, caseId)[0];
  if (!thread) throw new Error('no thread');
  return thread;
};

describe('what is corrected after it was sent on', () => {
  test('is corrected there as well, in the words of who corrected it, and stands open again', async () => {
    const there = await forwarded();
    await correct();
    const [said, other] = saidThere(there);
    expect(other).toBeUndefined();
    expect(said).toMatchObject({
      ...{ to: 'isp.fr', inReplyTo: there.id, actor: 'system', update: 'correct' },
      ...{ text: 'A letter was wrong.', items: [{ id: item, address: RIGHT }] },
      ...{ origin: { nation: 'DE', onward_consent: false }, retention_days: 30, handling: 'TLP:AMBER' },
    });
    expect(findThreads(edge, there.caseId)[0]?.followed.items[0]?.correctedTo).toEqual(RIGHT);
    expect(linksJson(edge, threadHere()).kept_back).toEqual([]);
  });

  test('goes on as narrow as what was sent on', async () => {
    const there = await forwarded({ handling: 'TLP:AMBER+STRICT', handling_code: 'H2', retention_days: 7 });
    await correct();
    expect(saidThere(there)).toMatchObject([
      { handling: 'TLP:AMBER+STRICT', handling_code: 'H2', retention_days: 7 },
    ]);
  });

  test.each(['TLP:RED', 'TLP:AMBER+STRICT'] as const)(
    'stays here if it is marked %s, which the desk reads',
    async (handling) => {
      const there = await forwarded();
      const id = newId();
      await correct({ handling }, 2, id);
      expect(saidThere(there)).toEqual([]);
      expect(linksJson(edge, threadHere()).kept_back).toEqual([id]);
    },
  );

  test('goes on if the country where it came from has agreed to that for the referral', async () => {
    const origin = { nation: 'DE', onward_consent: true };
    const there = await forwarded({}, { ...REFERRAL, handling: 'TLP:AMBER+STRICT', origin });
    await correct({ handling: 'TLP:AMBER+STRICT' });
    expect(saidThere(there)).toMatchObject([{ handling: 'TLP:AMBER+STRICT', origin }]);
  });

  test('under a handling code that the one it went on with does not keep, stays here', async () => {
    const there = await forwarded({ handling_code: 'H2' });
    const id = newId();
    await correct({ handling_code: 'H1' }, 2, id);
    expect(saidThere(there)).toEqual([]);
    expect(linksJson(edge, threadHere()).kept_back).toEqual([id]);
  });

  test('says the later of two addresses, whichever comes last', async () => {
    const there = await forwarded();
    await correct({ items: [{ id: item, address: LATER }] }, 3);
    await correct({}, 2);
    expect(findThreads(edge, there.caseId)[0]?.followed.items[0]?.correctedTo).toEqual(LATER);
  });

  test('is not spoken of where the item did not go, nor to who was refused the referral', async () => {
    const items = [{ ...ITEM, id: 'i9' }];
    const there = await forwarded({ items });
    await correct();
    expect(saidThere(there)).toEqual([]);
    await correct({ items: undefined } as never, 3);
    expect(saidThere(there)).toHaveLength(1);
    edge.outbox.conclude(there.id, { outcome: 'refused', code: '', reason: '', atMs: edge.now() });
    await correct({ items: undefined } as never, 4);
    expect(saidThere(there)).toHaveLength(1);
  });

  test('says nothing of a correction that was not possible any more', async () => {
    const there = await forwarded();
    await arrive(
      edge,
      arrived(
        { id: newId(), ...between, inReplyTo: referral, issuedAtMs: 2 },
        correction({ update: 'close', items: undefined } as never),
      ),
    );
    await correct({}, 3);
    expect(saidThere(there)).toEqual([]);
  });

  test('is kept here where the one that went on is closed', async () => {
    const there = await forwarded();
    submitUpdate(edge, there.caseId, { update: 'close' }, { key: null });
    await correct();
    expect(saidThere(there)).toMatchObject([{ update: 'close' }]);
    expect(threadHere().followed.items[0]?.correctedTo).toEqual(RIGHT);
  });

  test('comes again while the outbox is full', async () => {
    await forwarded();
    const full = { ...edge, outbox: { ...edge.outbox, isFull: () => true } };
    const one = arrived({ id: newId(), ...between, inReplyTo: referral, issuedAtMs: 2 }, correction({}));
    await expect(arrive(full, one)).rejects.toThrow(TooBusy);
    expect(threadHere().said.filter(({ content }) => content.update === 'correct')).toEqual([]);
  });
});

test('no other address goes on under the id of an item that came', async () => {
  await expect(forwarded({ items: [{ ...ITEM, address: LATER }] })).rejects.toThrow(/id of its own/);
});

test('what is forwarded twice under one key goes once, also when it was corrected and erased in between', async () => {
  await arrive(edge, arrived({ id: referral, ...between, issuedAtMs: 1 }, REFERRAL));
  const request = { to: 'isp.fr', to_role: 'hosting', change: CHANGE, actor: 'anna' };
  const forward = (more: object = {}) =>
    forwardReferral(edge, caseId, { ...request, ...more }, { key: 'key' });
  const first = forward();
  await correct();
  expect(forward()).toEqual({ ...first, isNew: false });
  await arrive(
    edge,
    arrived(
      { id: newId(), ...between, inReplyTo: referral, issuedAtMs: 3 },
      correction({
        update: 'recall',
        recall_ground: 'mistake',
        remove_copy: true,
        text: undefined,
        items: undefined,
      } as never),
    ),
  );
  expect(forward()).toEqual({ ...first, isNew: false });
  expect(() => forward({ actor: 'berta' })).toThrow(expect.objectContaining({ id: first?.id }));
  expect(() => forward({ to: 'isp2.fr' })).toThrow(expect.objectContaining({ id: first?.id }));
});
