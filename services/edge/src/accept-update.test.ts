import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type Content,
  LIMITS,
  newId,
  type Referral,
  Rejection,
  type Submission,
  type Update,
} from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkUpdate } from './accept-update.js';
import { AMOUNT } from './case-store.js';
import { endRetention } from './end-retention.js';
import { arrive as arriveAt, arrived as arrivedOf, SENDER } from './fixture/arrived.js';
import { logOf, onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import { type Arrived, keepArrived } from './keep-arrived.js';
import { beginLegalHold, endLegalHold } from './set-legal-hold.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = submission.content as Referral;
const SECRET = 'words-that-have-to-go';
const ANNA = { actor: `pn:${'b'.repeat(32)}`, justification: '' };
const ORDER = { reason: 'court file 17/26', signoff: { proposedBy: '', approvedBy: [] } };

let own: TestEdge;
const [caseId, referral, recall] = [newId(), newId(), newId()];
beforeEach(async () => {
  own = await testEdge('isp.fr');
});
afterEach(() => own.close());

const arrived = (id: string, inReplyTo: string, content: Content, issuedAtMs: number, from = 'hotline.de') =>
  arrivedOf({ id, caseId, inReplyTo, issuedAtMs, from, to: 'isp.fr' }, content);
const { category, purpose, handling, urgency } = REFERRAL;
const RECALL = {
  ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 90 },
  ...{ update: 'recall', recall_ground: 'mistake', remove_copy: true, text: 'sent to the wrong one' },
} as unknown as Content;
const arrive = (one: Arrived) => arriveAt(own.edge, one);
const erased = () => logOf(own.edge).filter(({ what }) => what === 'erasure');

test('what its sender takes back is on record as erased by that sender, with the message that said so', async () => {
  await arrive(arrived(referral, '', REFERRAL, 1));
  expect(erased()).toEqual([]);
  await arrive(arrived(recall, referral, RECALL, 2));
  const entry = {
    ...{ at_ms: own.clock.ms, what: 'erasure', case_id: caseId, justification: '' },
    ...{ actor: `hotline.de/${SENDER}`, detail: 'recalled', reference: recall },
  };
  expect(erased()).toEqual([
    { ...entry, message_id: referral },
    { ...entry, message_id: recall },
  ]);
});

test('what its sender takes back goes from the journal with the next turn, although that finds nothing to erase', async () => {
  await endRetention(own.edge);
  await arrive(arrived(referral, '', { ...REFERRAL, summary: SECRET } as Referral, 1));
  await arrive(arrived(recall, referral, RECALL, 2));
  expect(onDisk(own)).toContain(SECRET);
  expect(await endRetention(own.edge)).toBe(0);
  expect(onDisk(own)).not.toContain(SECRET);
});

test('under a legal hold it stays until that ends', async () => {
  own.edge.journal.settle();
  await arrive(arrived(referral, '', { ...REFERRAL, summary: SECRET } as Referral, 1));
  await beginLegalHold(own.edge, caseId, ORDER, ANNA);
  await arrive(arrived(recall, referral, RECALL, 2));
  expect(erased()).toEqual([]);
  expect(own.edge.cases.inCase(caseId).map(({ removedMs }) => removedMs)).toEqual([null, null]);
  await endLegalHold(own.edge, caseId, ORDER, ANNA);
  expect(erased().map(({ message_id: id }) => id)).toEqual([referral, recall]);
  expect(own.edge.cases.inCase(caseId).map(({ removedMs }) => removedMs)).not.toContain(null);
  expect(onDisk(own)).not.toContain(SECRET);
});

describe('a case that somebody fills', () => {
  /** Messages of which nothing can be read: who tries, fails. */
  const fill = (messages: number, bytes: number, sender = 'hotline.de') =>
    own.edge.db.transaction(() => {
      for (let i = 0; i < messages; i++)
        own.edge.cases.insert({
          ...{ messageHash: randomBytes(32), id: newId(), sender, caseId, category, action: 'remove' },
          ...{ content: 'not to be read', salt: null, passage: Buffer.alloc(bytes), answer: Buffer.alloc(1) },
          ...{ receivedMs: 1, inReplyTo: newId(), updateWord: '', issuedMs: 1, eraseMs: 2 ** 50 },
        });
    });
  const codeOf = async (one: Arrived) => {
    const [kept] = await keepArrived(own.edge, [one]);
    return kept && 'failure' in kept && kept.failure instanceof Rejection ? kept.failure.code : 'kept';
  };
  const another = (from = 'hotline.de') => arrived(newId(), '', REFERRAL, 1, from);

  test('costs none of its other messages anything: only those about the same referral are read', async () => {
    await arrive(arrived(referral, '', REFERRAL, 1));
    fill(3, 100);
    const update = { ...RECALL, update: 'repeat' } as unknown as Content;
    const repeat = arrived(newId(), referral, update, 2);
    checkUpdate(own.edge, repeat.sealed.header, update as Update);
    await arrive(repeat);
    await arrive(arrived(recall, referral, RECALL, 3));
    expect(erased().map(({ message_id: id }) => id)).toContain(referral);
  });

  test.each([
    ['messages', LIMITS.caseMessages, 10],
    ['bytes', 40, Math.ceil(LIMITS.caseBytes / 40)],
  ])('with %s takes no more of it, but still what takes back what is there', async (_, messages, bytes) => {
    await arrive(arrived(referral, '', REFERRAL, 1));
    fill(messages - 1, bytes);
    expect(await codeOf(another())).toBe(bytes === 10 ? 'rate-exceeded' : 'kept');
    fill(1, bytes);
    expect(await codeOf(another())).toBe('rate-exceeded');
    expect(await codeOf(arrived(newId(), referral, { ...RECALL, update: 'repeat' } as never, 2))).toBe(
      'rate-exceeded',
    );
    await arrive(arrived(recall, referral, RECALL, 2));
    expect(erased().map(({ message_id: id }) => id)).toEqual([referral, recall]);
    fill(messages, bytes);
    expect(await codeOf(arrived(newId(), referral, RECALL, 2))).toBe('rate-exceeded');
  });

  test('costs a list of what was received nothing: it is read without contents and envelopes', () => {
    fill(3, 50_000);
    const list = own.edge.cases.list(10);
    expect(list).toHaveLength(3);
    expect(JSON.stringify(list)).not.toContain('not to be read');
    expect(JSON.stringify(list).length).toBeLessThan(10_000);
  });

  test('with what comes together is no fuller than with what comes alone', async () => {
    fill(LIMITS.caseMessages - 1, 10);
    const kept = await keepArrived(own.edge, [another(), another()]);
    expect(kept.map((one) => 'failure' in one)).toEqual([false, true]);
  });
});

test('how full a case is, is read from an index alone', () => {
  const plan = own.edge.db.prepare(`EXPLAIN QUERY PLAN ${AMOUNT}`);
  expect(plan.get(caseId, 'hotline.de')?.detail).toMatch(/COVERING INDEX received_case/);
});
