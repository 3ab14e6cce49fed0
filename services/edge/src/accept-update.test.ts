import { readFileSync } from 'node:fs';
import { type Content, newId, type Referral, type Submission, wire } from '@entente/contract';
import { messageHash, type Sealed } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { logOf, onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import { type Arrived, keepArrived } from './keep-arrived.js';
import { beginLegalHold, endLegalHold } from './set-legal-hold.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REFERRAL = submission.content as Referral;
const SECRET = 'words-that-have-to-go';
const SENDER = `pn:${'a'.repeat(32)}`;
const ANNA = { actor: `pn:${'b'.repeat(32)}`, justification: '' };
const ORDER = { reason: 'court file 17/26', signoff: { proposedBy: '', approvedBy: [] } };

let own: TestEdge;
const [caseId, referral, recall] = [newId(), newId(), newId()];
beforeEach(async () => {
  own = await testEdge('isp.fr');
});
afterEach(() => own.close());

function arrived(id: string, inReplyTo: string, content: Content, issuedAtMs: number): Arrived {
  const header: wire.HeaderFrame = {
    ...wire.header.decode(wire.header.encode({ protocol: 1 })),
    ...{ id, caseId, inReplyTo, issuedAtMs, from: 'hotline.de', fromRole: 'hotline', actor: SENDER },
    ...{ to: 'isp.fr', toRole: 'hosting' },
  };
  const payload = Buffer.from(wire.header.encode(header)).toString('base64url');
  const seal = Buffer.from(`e30.${payload}.c2ln`);
  const sealed: Sealed = { seal, kid: 'k', header, messageHash: messageHash(seal) };
  const bytes = Buffer.from(JSON.stringify(content));
  const envelope = { seal, body: new Uint8Array() };
  return { sealed, envelope, proofs: [], content, bytes, salt: Buffer.alloc(16) };
}
const { category, purpose, handling, urgency } = REFERRAL;
const RECALL = {
  ...{ category, purpose, handling, urgency, action: 'inform', force: 'voluntary', retention_days: 90 },
  ...{ update: 'recall', recall_ground: 'mistake', remove_copy: true, text: 'sent to the wrong one' },
} as unknown as Content;
const arrive = async (one: Arrived) => {
  const [kept] = await keepArrived(own.edge, [one]);
  expect(kept).toHaveProperty('answer');
};
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
