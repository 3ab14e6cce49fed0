import { readFileSync } from 'node:fs';
import { type Content, type Referral, type StatedClock, type Submission, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from './dispatch.js';
import { evidenceClocks, usualLifetimeMs } from './evidence-clocks.js';
import { findThreads } from './find-threads.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep, TooBusy } from './submit.js';
import { submitUpdate } from './submit-update.js';
import { watchClocks } from './watch-clocks.js';

const HOUR = 3_600_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const REPEAT = {
  clock: 'notice-repeat',
  minutes: 1440,
  kind: 'practice',
  starts: 'delivered',
  ends: 'acted',
} satisfies StatedClock;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** A referral that was sealed, as far as the clocks can tell. */
function sent(change: Partial<Referral> = {}): string {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), ...change } as Content;
  const { id } = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: Buffer.alloc(32, id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission: { ...submission, content } }, clock.ms);
  return id;
}

function evidence(
  messageId: string,
  word: 'delivered' | 'retrieved' | 'submission-accepted' | 'relay-accepted',
) {
  const { edge, clock } = own;
  const source = word.endsWith('accepted') ? 'DE' : submission.to;
  const rest = { code: '', reason: '', rules: [], raw: new Uint8Array() };
  edge.evidence.file({ messageId, evidence: word, source, atMs: clock.ms, ...rest });
}

const words = (id: string) => own.edge.evidence.list(id).map((one) => one.evidence);
const statements = () =>
  own.edge.statements.due(Number.MAX_SAFE_INTEGER, 100).map(({ envelope }) => {
    const { statement, to } = readUnverifiedHeader(wire.envelope.decode(envelope).seal);
    return { to, evidence: statement?.evidence, about: statement?.about.map(({ messageId }) => messageId) };
  });
const pass = async (ms: number) => {
  own.clock.ms += ms;
  await watchClocks(own.edge);
};

describe('a referral that has arrived', () => {
  test('and that nobody opens in time has that on record, once, and told to the recipient', async () => {
    const id = sent({ urgency: 'routine' });
    evidence(id, 'delivered');
    await pass(36 * HOUR - 1);
    expect(words(id)).toEqual(['delivered']);
    await pass(1);
    expect(words(id).sort()).toEqual(['delivered', 'not-retrieved']);
    await pass(100 * HOUR);
    expect(statements()).toEqual([{ to: submission.to, evidence: 'not-retrieved', about: [id] }]);
    expect(own.edge.outbox.find(id)).toMatchObject({ outcome: 'delivered', state: 'ended' });
  });

  test('and that was opened in time has no such thing', async () => {
    const id = sent();
    evidence(id, 'delivered');
    evidence(id, 'retrieved');
    await pass(100 * HOUR);
    expect(words(id)).not.toContain('not-retrieved');
    expect(statements()).toEqual([]);
  });

  test('is asked for again each day while nobody has acted, and seven times at most', async () => {
    const id = sent({ clocks: [REPEAT] });
    evidence(id, 'delivered');
    const { caseId } = own.edge.outbox.find(id) ?? { caseId: '' };
    const repeats = () => findThreads(own.edge, caseId)[0]?.followed.repeats;
    await pass(24 * HOUR - 1);
    expect(repeats()).toBe(0);
    await pass(1);
    expect(repeats()).toBe(1);
    await pass(HOUR);
    expect(repeats()).toBe(1);
    for (let day = 0; day < 10; day++) {
      await pass(24 * HOUR);
      await pass(HOUR);
    }
    expect(repeats()).toBe(7);
  });

  test('is not asked for a second time where the first was refused', async () => {
    const { edge } = own;
    const id = sent({ clocks: [REPEAT] });
    evidence(id, 'delivered');
    await pass(24 * HOUR);
    const { caseId } = edge.outbox.find(id) ?? { caseId: '' };
    const [said] = edge.outbox.saidOf(caseId, id);
    const end = { outcome: 'refused', code: 'not-permitted', reason: '', atMs: own.clock.ms } as const;
    edge.outbox.conclude(said?.id ?? '', end);
    for (let day = 0; day < 3; day++) await pass(24 * HOUR);
    expect(edge.outbox.saidOf(caseId, id).map((row) => row.id)).toEqual([said?.id]);
  });

  test('and asked for seven times in vain is counted until a person escalates it, or somebody acts', async () => {
    const ids = [1, 2].map(() => sent({ clocks: [REPEAT] }));
    for (const id of ids) evidence(id, 'delivered');
    const usedUp = () => own.edge.outbox.countUsedUp();
    for (let day = 0; day < 7; day++) await pass(24 * HOUR);
    expect(usedUp()).toBe(0);
    await pass(HOUR);
    expect(usedUp()).toBe(2);
    const [one, other] = ids.map((id) => own.edge.outbox.find(id)?.caseId ?? '');
    submitUpdate(own.edge, one ?? '', { update: 'escalate', escalated_to: 'police' }, { key: null });
    await pass(0);
    expect(usedUp()).toBe(1);
    submitUpdate(own.edge, other ?? '', { update: 'close' }, { key: null });
    await pass(0);
    expect(usedUp()).toBe(0);
  });

  test('is looked after without reading what else the other end has put into its case', async () => {
    const { edge } = own;
    const id = sent({ clocks: [REPEAT] });
    evidence(id, 'delivered');
    const inCase = () => {
      throw new Error('the whole case is read');
    };
    own = {
      ...own,
      edge: { ...edge, cases: { ...edge.cases, inCase }, outbox: { ...edge.outbox, inCase } },
    };
    await pass(36 * HOUR);
    await pass(36 * HOUR);
    const { caseId } = edge.outbox.find(id) ?? { caseId: '' };
    expect(edge.outbox.saidOf(caseId, id).map(({ updateWord }) => updateWord)).toEqual(['repeat', 'repeat']);
    expect(words(id).sort()).toEqual(['delivered', 'not-retrieved']);
  });

  test('is not asked for again once its originator has closed it', async () => {
    const id = sent({ clocks: [REPEAT] });
    evidence(id, 'delivered');
    const { caseId } = own.edge.outbox.find(id) ?? { caseId: '' };
    submitUpdate(own.edge, caseId, { update: 'close' }, { key: null });
    await pass(100 * HOUR);
    expect(findThreads(own.edge, caseId)[0]?.followed).toMatchObject({ state: 'closed', repeats: 0 });
  });
});

describe('a message that nobody can accept any more', () => {
  const over = async () => {
    own.clock.ms += 31 * 24 * HOUR;
    await dispatch(own.edge);
  };

  test.each([
    ['that no gate has ever answered says so to its sender alone', [], []],
    ['that did not get past the other border', ['submission-accepted'], ['relay-failed']],
    ['that its recipient did not take', ['submission-accepted', 'relay-accepted'], ['not-delivered']],
  ] as const)('%s', async (_, before, after) => {
    const id = sent();
    for (const word of before) evidence(id, word);
    await over();
    expect(own.edge.outbox.find(id)).toMatchObject({ outcome: 'expired', code: 'expired', state: 'ended' });
    expect(words(id).filter((word) => !(before as readonly string[]).includes(word))).toEqual(after);
    expect(statements().map((one) => one.evidence)).toEqual(after);
  });

  test('is refused for the reason that its recipient gives, and not for the clock that had ended before', async () => {
    const id = sent();
    for (const word of ['submission-accepted', 'relay-accepted'] as const) evidence(id, word);
    await over();
    const said = { code: 'facts-mismatch', reason: 'what the recipient says' };
    own.edge.evidence.file({
      ...{ messageId: id, evidence: 'not-delivered', source: submission.to, atMs: own.clock.ms },
      ...{ ...said, rules: [], raw: new Uint8Array() },
    });
    expect(own.edge.outbox.find(id)).toMatchObject({ outcome: 'refused', ...said });
  });

  test('is delivered all the same if late evidence says so', async () => {
    const id = sent();
    evidence(id, 'submission-accepted');
    await over();
    evidence(id, 'delivered');
    expect(own.edge.outbox.find(id)).toMatchObject({ outcome: 'delivered' });
  });
});

test('the clocks are shorter where a life or an hour of law depends on it', () => {
  const of = (change: object) =>
    evidenceClocks({ ...(submission.content as Content), urgency: 'routine', ...change });
  const hours = (change: object) => Object.values(of(change)).map((ms) => Number(ms) / HOUR);
  expect(hours({})).toEqual([12, 24, 36]);
  expect(hours({ urgency: 'urgent' })).toEqual([2, 4, 8]);
  expect(hours({ force: 'order' })).toEqual([2, 4, 8]);
  expect(hours({ urgency: 'emergency' })).toEqual([0.25, 0.5, 1]);
  expect(hours({ force: 'order', category: 'terrorist-content' })).toEqual([0.25, 0.5, 1]);
});

test.each([
  ['of three days', {}, 72],
  ['shorter for an order', { force: 'order' }, 12],
  ['of an hour and a half in an emergency', { urgency: 'emergency' }, 1.5],
  ['of three days for what is said in an emergency', { urgency: 'emergency', update: 'recall' }, 72],
] as const)('a message of which nobody says how long it counts has a life %s', (_, change, hours) => {
  const { edge, clock } = own;
  const content = {
    ...(submission.content as Referral),
    urgency: 'routine',
    ...change,
  } as unknown as Content;
  const { expires_in_hours: _hours, ...unsaid } = submission;
  const { id } = keep(edge, { ...unsaid, content }, { key: null, createdMs: clock.ms });
  expect(edge.outbox.find(id)?.expiresMs).toBe(clock.ms + hours * HOUR);
  expect(usualLifetimeMs(content)).toBe(hours * HOUR);
});

test('an update is never issued before what it follows, though the other clock is ahead', () => {
  const id = sent();
  evidence(id, 'delivered');
  const { caseId } = own.edge.outbox.find(id) ?? { caseId: '' };
  const first = submitUpdate(own.edge, caseId, { update: 'repeat' }, { key: null });
  const second = submitUpdate(own.edge, caseId, { update: 'repeat' }, { key: null });
  const issued = [first, second].map((one) => own.edge.outbox.find(one?.id ?? '')?.createdMs ?? 0);
  expect(issued[1]).toBeGreaterThan(issued[0] ?? 0);
});

test('what is not urgent is not taken while ten thousand wait, and a life in danger is', () => {
  const { edge, clock } = own;
  const take = (urgency: Content['urgency'], key: string | null = null) => {
    const content = { ...(submission.content as Referral), urgency };
    return keep(edge, { ...submission, content }, { key, createdMs: clock.ms });
  };
  const first = take('routine', 'first');
  edge.db.transaction(() => {
    for (let i = 1; i < 10_000; i++) take('routine');
  });
  expect(() => take('routine')).toThrow(TooBusy);
  expect(take('routine', 'first')).toMatchObject({ id: first.id, isNew: false });
  const emergency = take('emergency');
  expect(edge.outbox.due(clock.ms, 1)[0]?.id).toBe(emergency.id);
  expect(edge.outbox.countWaiting()).toBe(10_001);
  expect(edge.outbox.countLate(clock.ms + 24 * HOUR, 'DE')).toEqual({ relay: 10_001, delivery: 10_001 });
});
