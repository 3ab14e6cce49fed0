import { type Content, newId, Rejection, wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader, type Sealed } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { type Arrived, type Kept, keepArrived } from './keep-arrived.js';
import { keep } from './submit.js';

let opened: TestEdge;
beforeEach(async () => {
  opened = await testEdge('isp.fr');
});
afterEach(() => opened.close());

const CONTENT = {
  category: 'phishing',
  action: 'remove',
  retention_days: 90,
  items: [],
} as unknown as Content;

function arrivedFrom(from: string, change: Partial<wire.HeaderFrame> = {}): Arrived {
  const seal = Buffer.from(`h.${newId()}.s`);
  const header = {
    ...{ id: newId(), caseId: newId(), from, fromRole: 'hotline', to: 'isp.fr', toRole: 'hosting' },
    ...{ inReplyTo: '', issuedAtMs: 1, ...change },
  } as unknown as wire.HeaderFrame;
  const sealed: Sealed = { seal, kid: 'k', header, messageHash: messageHash(seal) };
  const envelope = { seal, body: new Uint8Array() };
  return { sealed, envelope, proofs: [], content: CONTENT, bytes: Buffer.from('{}'), salt: Buffer.alloc(16) };
}

function statementOf(kept: Kept | undefined) {
  if (!kept || 'failure' in kept) throw new Error('it was not kept');
  return readUnverifiedHeader(wire.envelope.decode(kept.answer).seal);
}

function handIn(to: string, caseId: string): void {
  const submission = {
    to,
    to_role: 'hosting',
    from_role: 'hosting',
    case_id: caseId,
    actor: 'system',
    content: CONTENT,
  };
  keep(opened.edge, { ...(submission as object), content: CONTENT } as never, {
    key: null,
    createdMs: opened.clock.ms,
  });
}

const codeOf = (kept: Kept | undefined) =>
  kept && 'failure' in kept && kept.failure instanceof Rejection ? kept.failure.code : 'kept';

describe('what arrives together', () => {
  test('is answered under one seal for each sender, which names each of its messages and no other', async () => {
    const { edge } = opened;
    const arrived = [arrivedFrom('hotline.de'), arrivedFrom('hotline.nl'), arrivedFrom('hotline.de')];
    const kept = await keepArrived(edge, arrived);
    expect(kept[0]).toEqual(kept[2]);
    const [german, dutch] = [statementOf(kept[0]), statementOf(kept[1])];
    expect([german.to, dutch.to]).toEqual(['hotline.de', 'hotline.nl']);
    const named = ({ statement }: wire.HeaderFrame) => statement?.about.map(({ messageId }) => messageId);
    expect(named(german)).toEqual([arrived[0], arrived[2]].map((one) => one?.sealed.header.id));
    expect(named(dutch)).toEqual([arrived[1]?.sealed.header.id]);
    for (const one of arrived) expect(edge.cases.answerTo(one.sealed.messageHash)).toBeDefined();
  });

  test('in other roles is answered in those roles', async () => {
    const roles = [arrivedFrom('hotline.de'), arrivedFrom('hotline.de', { toRole: 'access' })];
    const kept = await keepArrived(opened.edge, roles);
    expect(kept.map((one) => statementOf(one).fromRole)).toEqual(['hosting', 'access']);
  });

  test('and is an emergency is answered apart from what is none, so that a gate can let that go ahead', async () => {
    const facts = { urgency: 'emergency' } as wire.FactsFrame;
    const arrived = [
      arrivedFrom('hotline.de'),
      arrivedFrom('hotline.de', { facts }),
      arrivedFrom('hotline.de'),
    ];
    const kept = await keepArrived(opened.edge, arrived);
    expect(kept.map((one) => statementOf(one).statement?.about.length)).toEqual([2, 1, 2]);
  });

  test('twice is kept once, and both are told the same', async () => {
    const one = arrivedFrom('hotline.de');
    const kept = await keepArrived(opened.edge, [one, one, arrivedFrom('hotline.de')]);
    expect(kept[0]).toEqual(kept[1]);
    expect(statementOf(kept[0]).statement?.about).toHaveLength(2);
    expect(opened.edge.cases.list(10)).toHaveLength(2);
    const again = await keepArrived(opened.edge, [one]);
    expect(again[0]).toEqual(kept[0]);
  });

  test('has one answer, kept once until the last of them is dropped or answered anew', async () => {
    const { cases, db } = opened.edge;
    const arrived = [arrivedFrom('hotline.de'), arrivedFrom('hotline.de'), arrivedFrom('hotline.de')];
    const [first, second, third] = arrived.map(({ sealed }) => sealed.messageHash) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const [kept] = await keepArrived(opened.edge, arrived);
    const answer = kept && 'answer' in kept ? Buffer.from(kept.answer) : undefined;
    const answers = () => [first, second, third].map((hash) => cases.answerTo(hash));
    const shared = () => db.prepare('SELECT count(*) AS shared FROM shared_answer').get()?.shared;
    expect([answers(), shared()]).toEqual([[answer, answer, answer], 1]);
    expect([cases.find(first)?.answer, cases.answered(second)?.sender]).toEqual([answer, 'hotline.de']);
    const anew = Buffer.from('sealed anew');
    cases.answerWith(first, anew, 1);
    expect([answers(), shared()]).toEqual([[anew, answer, answer], 1]);
    cases.drop(second);
    expect([answers(), shared()]).toEqual([[anew, undefined, answer], 1]);
    cases.drop(third);
    expect([answers(), shared()]).toEqual([[anew, undefined, undefined], 0]);
    await keepArrived(opened.edge, [arrivedFrom('hotline.de')]);
    expect(shared()).toBe(0);
  });

  test('under one id is kept once: of the other nothing is said', async () => {
    const id = newId();
    const both = [arrivedFrom('hotline.de', { id }), arrivedFrom('hotline.de', { id })];
    const kept = await keepArrived(opened.edge, both);
    expect(kept.map(codeOf)).toEqual(['kept', 'id-reused']);
    expect(statementOf(kept[0]).statement?.about.map(({ messageHash: hash }) => Buffer.from(hash))).toEqual([
      both[0]?.sealed.messageHash,
    ]);
    expect(
      (await keepArrived(opened.edge, [both[1] as Arrived, arrivedFrom('hotline.de')])).map(codeOf),
    ).toEqual(['id-reused', 'kept']);
  });

  test('in one case from two senders is kept of the first only', async () => {
    const caseId = newId();
    const two = ['hotline.de', 'hotline.nl'].map((from) => arrivedFrom(from, { caseId }));
    expect((await keepArrived(opened.edge, two)).map(codeOf)).toEqual(['kept', 'case-unknown']);
    expect((await keepArrived(opened.edge, [two[1] as Arrived])).map(codeOf)).toEqual(['case-unknown']);
  });

  test('in one case is kept of whom this member has sent something there, and of nobody else', async () => {
    const caseId = newId();
    for (const to of ['isp.de', 'police.de']) handIn(to, caseId);
    const senders = ['police.de', 'hotline.nl', 'isp.de'];
    const arrived = senders.map((from) => arrivedFrom(from, { caseId }));
    expect((await keepArrived(opened.edge, arrived)).map(codeOf)).toEqual(['kept', 'case-unknown', 'kept']);
    expect((await keepArrived(opened.edge, [arrived[1] as Arrived])).map(codeOf)).toEqual(['case-unknown']);
  });

  test('in the case that its sender has begun is kept, to whomever this member has sent that on', async () => {
    const caseId = newId();
    const of = (from: string) => arrivedFrom(from, { caseId });
    expect((await keepArrived(opened.edge, [of('ministry.fr')])).map(codeOf)).toEqual(['kept']);
    handIn('isp.de', caseId);
    const kept = await keepArrived(opened.edge, [of('isp.de'), of('ministry.fr'), of('hotline.nl')]);
    expect(kept.map(codeOf)).toEqual(['kept', 'kept', 'case-unknown']);
  });

  test('with one that cannot be written: the others are kept, and no seal says that it arrived', async () => {
    const broken = { ...arrivedFrom('hotline.de'), salt: 'no bytes' as unknown as Uint8Array };
    // The row is refused by the database, as on a full disk.
    opened.edge.db.exec(
      `CREATE TRIGGER full BEFORE INSERT ON received WHEN typeof(NEW.salt) = 'text' BEGIN SELECT raise(ABORT, 'full'); END`,
    );
    const arrived = [arrivedFrom('hotline.de'), broken, arrivedFrom('hotline.de')];
    const kept = await keepArrived(opened.edge, arrived);
    expect(kept.map((one) => 'failure' in one)).toEqual([false, true, false]);
    for (const at of [0, 2]) {
      const named = statementOf(kept[at]).statement?.about.map(({ messageId }) => messageId);
      expect(named).toEqual([arrived[at]?.sealed.header.id]);
    }
    expect(opened.edge.cases.answerTo(broken.sealed.messageHash)).toBeUndefined();
  });
});
