import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Evidence, type Referral, Rejection, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from './dispatch.js';
import { endRetention } from './end-retention.js';
import { newRecipient } from './fixture/new-recipient.js';
import { onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import { sendRequests } from './send-requests.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';

let opened: TestEdge;
beforeEach(async () => {
  opened = await testEdge();
});
afterEach(() => opened.close());

const HOUR = 3_600_000;
const BYTES = Buffer.from('sealed');

/** As on a full disk: nothing in this table changes. */
const freeze = (table: string) =>
  opened.edge.db.exec(
    `CREATE TRIGGER frozen_${table} BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, 'no room'); END`,
  );

describe('what cannot be put off is not sent', () => {
  let sent: number;
  let edge: Edge;
  beforeEach(() => {
    sent = 0;
    const send = async () => {
      sent += 1;
    };
    edge = { ...opened.edge, send, bus: { publish: send } as never };
  });
  const timesMs = () => {
    const createdMs = edge.now();
    return { createdMs, expiresMs: createdMs + HOUR };
  };
  const of = { messageHash: new Uint8Array(32), envelope: BYTES };
  const waiting: Record<string, () => void> = {
    statement: () => edge.statements.insert('a', BYTES, edge.now()),
    approval: () => {
      const said = { decision: 'release', reason: 'legal', justification: '' } as const;
      edge.holds.decide({
        aboutHash: new Uint8Array(32),
        nation: 'DE',
        id: 'a',
        ...of,
        ...said,
        ...timesMs(),
      } as never);
    },
    request: () => edge.requests.insert({ id: 'a', ...of, kind: 'anchor', ...timesMs() }),
  };

  it.each(Object.entries(waiting))('of the table %s', async (table, insert) => {
    const turn = () => (table === 'request' ? sendRequests(edge) : dispatch(edge));
    insert();
    freeze(table);
    for (let n = 0; n < 3; n += 1) await turn().catch(() => undefined);
    expect(sent).toBe(0);
    edge.db.exec(`DROP TRIGGER frozen_${table}`);
    for (let n = 0; n < 3; n += 1) await turn();
    expect(sent).toBe(1);
  });

  it('a statement goes three times, and at once where a clock was ahead when it was put off', async () => {
    edge.statements.insert('a', BYTES, edge.now() + 24 * HOUR);
    for (const later of [0, HOUR, 7 * HOUR, 24 * HOUR]) {
      opened.clock.ms += later;
      await dispatch(edge);
    }
    expect(sent).toBe(3);
    expect(edge.statements.due(edge.now() + 24 * HOUR, 10)).toEqual([]);
  });
});

it('no turn is over while it prepares a draft: another one would make a second form of it', async () => {
  const answers = new EventEmitter();
  const asked = once(answers, 'asked');
  const request = async () => {
    const late = once(answers, 'late');
    answers.emit('asked');
    return Promise.reject(await late);
  };
  const edge: Edge = { ...opened.edge, send: async () => undefined, bus: { request } as never };
  const content = { category: 'phishing', action: 'remove', retention_days: 90, items: [] } as never;
  const submission = { to: 'isp.fr', from_role: 'hotline', to_role: 'hosting', actor: 'system', content };
  keep(edge, { ...(submission as object), content } as never, { key: 'a', createdMs: edge.now() });
  edge.statements.insert('a', BYTES, edge.now());
  freeze('statement');
  let isOver = false;
  const turn = dispatch(edge).finally(() => {
    isOver = true;
  });
  const outcome = expect(turn).rejects.toThrow('no room');
  await asked;
  // The statement has failed already, before the draft was looked at: only promises stand between that and an end.
  await nextTurn();
  expect(isOver).toBe(false);
  answers.emit('late');
  await outcome;
});

const EXAMPLE = new URL(
  '../../../examples/04-csam-reporter-who-did-not-agree-to-be-named.json',
  import.meta.url,
);
const REPORTER = 'sanne@example.net';
const { submission: EXAMPLE_SUBMISSION } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as {
  submission: CheckedSubmission;
};

it.each([
  [
    'no sender has said how long it counts: it counts through the holds of both nations',
    ...([undefined, 3, 72 + 24 + 3] as const),
  ],
  [
    'its gate does not know the pack of the other: it counts through the longest hold that there may be',
    ...([undefined, undefined, 72 + 24 + longestHold()] as const),
  ],
  ['its sender has said that', 36, 3, 36],
  ['its sender has said that, whatever the other nation may do', 36, undefined, 36],
])(
  'a message that will be held is sealed once, for its expiry cannot be changed, and %s',
  async (_, said, heldThere, hours) => {
    const recipient = await newRecipient();
    const hold = (holdMinutes: number) => ({ decision: 'hold', awaits: ['court@DE'], holdMinutes });
    const verdicts = [
      { nation: 'DE', stage: 'leave', verdict: hold(24 * 60) },
      ...(heldThere === undefined ? [] : [{ nation: 'FR', stage: 'enter', verdict: hold(heldThere * 60) }]),
    ];
    const request = async () => wire.preflightReply.encode({ verdicts } as never);
    const edge: Edge = {
      ...{ ...opened.edge, send: async () => undefined, bus: { request } as never },
      directory: () => ({ encryptionKey: () => recipient }) as never,
    };
    const content = EXAMPLE_SUBMISSION.content as Referral;
    const { expires_in_hours: _hours, ...unsaid } = EXAMPLE_SUBMISSION;
    const times = said === undefined ? {} : { expires_in_hours: said };
    const submission = { ...unsaid, ...times, to: 'isp.fr' } as CheckedSubmission;
    const { id } = keep(edge, { ...submission, content }, { key: null, createdMs: edge.now() });
    await dispatch(edge);
    const row = edge.outbox.find(id);
    expect(row?.expiresMs).toBe(edge.now() + hours * HOUR);
    const { seal } = wire.envelope.decode(row?.envelope ?? new Uint8Array());
    expect(readUnverifiedHeader(seal).expiresAtMs).toBe(row?.expiresMs);
  },
);

/** Of the rules that every nation's pack begins with, in hours. */
function longestHold(): number {
  const folder = new URL('../../../packages/policy/packs/base/', import.meta.url);
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.cedar'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));
  return Math.max(
    ...texts.flatMap((text) => [...text.matchAll(/@within\("PT(\d+)H"\)/g)].map(([, h]) => Number(h))),
  );
}

it('what the rules leave out of a message goes from the disk as well, though nothing is erased', async () => {
  const { edge: own } = opened;
  const recipient = await newRecipient();
  const asked: unknown[] = [];
  const request = async () => {
    const [decision, remedies] =
      asked.push(0) === 1 ? ['refuse', ['redact:reporter.identity']] : ['permit', []];
    const verdict = { decision, remedies, rules: [] };
    return wire.preflightReply.encode({ verdicts: [{ nation: 'DE', stage: 'leave', verdict }] } as never);
  };
  const edge: Edge = {
    ...{ ...own, send: async () => undefined, bus: { request } as never },
    directory: () => ({ encryptionKey: () => recipient }) as never,
  };
  await endRetention(edge);
  const content = EXAMPLE_SUBMISSION.content as Referral;
  const { id } = keep(edge, { ...EXAMPLE_SUBMISSION, content }, { key: null, createdMs: edge.now() });
  await dispatch(edge);
  expect(edge.outbox.find(id)).toMatchObject({ state: 'sent', notes: [{ kind: 'reduced' }] });
  expect(onDisk(opened)).toContain(REPORTER);
  expect(await endRetention(edge)).toBe(0);
  expect(onDisk(opened)).not.toContain(REPORTER);
});

it.each([
  ['delivered', 'delivered'],
  ['not-delivered', 'refused'],
] as const)('what others say while its end is sealed supersedes that: %s', async (evidence, outcome) => {
  const { edge: own, clock } = opened;
  const content = EXAMPLE_SUBMISSION.content as Referral;
  const { id } = keep(own, { ...EXAMPLE_SUBMISSION, content }, { key: null, createdMs: own.now() });
  const form = { envelope: BYTES, envelopeSha256: Buffer.alloc(32, 3), messageHash: Buffer.alloc(32, 1) };
  const sealed = { ...form, salt: Buffer.alloc(16), notes: [], submission: EXAMPLE_SUBMISSION };
  own.outbox.seal(id, sealed, own.now());
  const file = (word: Evidence, source: string) =>
    own.evidence.file({
      ...{ messageId: id, evidence: word, source, atMs: own.now(), code: '', reason: '', rules: [] },
      raw: BYTES,
    });
  file('submission-accepted', 'DE');
  const signCompact: Edge['signer']['signCompact'] = async (...what) => {
    file(evidence, 'hotline.fr');
    return await own.signer.signCompact(...what);
  };
  clock.ms += 40 * 24 * HOUR;
  await dispatch({ ...own, signer: { ...own.signer, signCompact } });
  expect(own.outbox.find(id)).toMatchObject({ state: 'ended', outcome });
  // Nor is anybody told that it expired.
  expect(own.statements.due(own.now(), 10)).toEqual([]);
});

it('what is refused while another form takes its place is not that form', async () => {
  const { edge: own } = opened;
  const content = EXAMPLE_SUBMISSION.content as Referral;
  const { id } = keep(own, { ...EXAMPLE_SUBMISSION, content }, { key: null, createdMs: own.now() });
  const form = { envelope: BYTES, envelopeSha256: Buffer.alloc(32, 3), messageHash: Buffer.alloc(32, 1) };
  const request = async () => {
    own.outbox.takeOver(id, { ...form, notes: [] }, own.now());
    throw new Rejection('recipient-unknown');
  };
  await dispatch({ ...own, bus: { request } as never });
  expect(own.outbox.find(id)).toMatchObject({ state: 'sent', outcome: '' });
});

it('what could not be sent was not sent: after an outage what is lost comes again as soon as at any other time', async () => {
  const { edge: own, clock } = opened;
  const content = EXAMPLE_SUBMISSION.content as Referral;
  const { id } = keep(own, { ...EXAMPLE_SUBMISSION, content }, { key: null, createdMs: own.now() });
  const form = { envelope: BYTES, envelopeSha256: Buffer.alloc(32, 3), messageHash: Buffer.alloc(32, 1) };
  own.outbox.seal(
    id,
    { ...form, salt: Buffer.alloc(16), notes: [], submission: EXAMPLE_SUBMISSION },
    own.now(),
  );
  const before = own.outbox.find(id)?.attempts as number;
  let sent = 0;
  const out: Edge = { ...own, send: () => Promise.reject(new Error('there is no connection')) };
  const send = async () => {
    sent += 1;
  };
  for (let n = 0; n < 10; n += 1) {
    await dispatch(out);
    clock.ms += 1000;
  }
  expect(own.outbox.find(id)?.attempts).toBe(before);
  await dispatch({ ...own, send });
  clock.ms += 4000 * 2 ** before;
  await dispatch({ ...own, send });
  expect(sent).toBe(2);
});
