import { readFileSync } from 'node:fs';
import { type Content, checkFacts, computeFacts, parseContent, type Referral, wire } from '@entente/contract';
import { createMetrics } from '@entente/runtime';
import { commitmentOf, readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from './dispatch.js';
import { newRecipient } from './fixture/new-recipient.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createMeter } from './meter.js';
import type { CheckedSubmission } from './outbox-row.js';
import { prepare } from './prepare.js';
import { type Edge, withStores } from './state.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const REFERRAL = submission.content as Referral;
const CLOCK = { clock: 'removal', minutes: 1440, kind: 'law', starts: 'delivered', ends: 'acted' };
/** What a schema of today does not take; those of another time may have. */
const OF_ANOTHER_TIME = { ...REFERRAL, of_another_time: true } as Content;

let own: TestEdge;
let edge: Edge;
let clocks: object[];
let sent: Uint8Array[];
beforeEach(async () => {
  own = await testEdge();
  [clocks, sent] = [[CLOCK], []];
  edge = await edgeOf(own.edge);
});
afterEach(() => own.close());

/** A gate that permits all, and sets these clocks. */
async function edgeOf(given: Edge): Promise<Edge> {
  const recipient = await newRecipient();
  const verdict = { decision: 'permit', remedies: [], rules: [] };
  const request = async () =>
    wire.preflightReply.encode({ verdicts: [{ nation: 'FR', stage: 'enter', verdict, clocks }] } as never);
  return {
    ...{ ...given, bus: { request } as never },
    send: async (envelope) => void sent.push(envelope),
    directory: () => ({ encryptionKey: () => recipient }) as never,
  };
}

/** The next process, with the same store. */
const restarted = async () => await edgeOf(withStores({ ...own.edge, meter: createMeter(createMetrics()) }));

const handIn = (content: Content, justification = '') =>
  keep(edge, { ...submission, content }, { key: null, justification, createdMs: edge.now() }).id;
const sealed = async (id: string, by = edge) => await prepare(by, by.outbox.find(id) as never);

test('why something is sent is committed to, also by a process that has not taken it', async () => {
  const commitmentIn = ({ envelope }: { envelope: Uint8Array }) =>
    readUnverifiedHeader(wire.envelope.decode(envelope).seal).justificationCommitment;
  for (const by of [edge, await restarted()]) {
    expect(commitmentIn(await sealed(handIn(REFERRAL), by))).toHaveLength(0);
    const id = handIn(REFERRAL, 'file 17/26');
    const { salt = [], text = [] } = edge.justifications.findById(id) ?? {};
    const expected = commitmentOf(Uint8Array.from(salt), Uint8Array.from(text));
    expect(Buffer.from(commitmentIn(await sealed(id, by))).equals(expected)).toBe(true);
  }
});

describe('a draft whose clocks the gate has set', () => {
  test('is sealed with them, is what its schema holds, and has the facts that it says', async () => {
    const { envelope, submission: kept } = await sealed(handIn(REFERRAL));
    expect(kept.content).toEqual({ ...REFERRAL, clocks: [CLOCK] });
    const parsed = parseContent(Buffer.from(JSON.stringify(kept.content)));
    const { facts } = readUnverifiedHeader(wire.envelope.decode(envelope).seal);
    expect(checkFacts(facts)).toEqual(computeFacts(parsed));
  });

  test.each([
    ['a word that is in no list', [{ ...CLOCK, ends: 'never' }], '/clocks/0/ends'],
    ['the same one twice', [CLOCK, CLOCK], '/clocks'],
    ['no time at all', [{ ...CLOCK, minutes: 0 }], '/clocks/0/minutes'],
  ])('is refused with %s, and it is said where', async (_, set, where) => {
    clocks = set;
    await expect(sealed(handIn(REFERRAL))).rejects.toMatchObject({
      code: 'content-invalid',
      message: expect.stringContaining(where),
    });
  });

  test('is looked at as a whole where another process has taken it', async () => {
    const id = handIn(OF_ANOTHER_TIME);
    await expect(sealed(id, await restarted())).rejects.toMatchObject({
      code: 'content-invalid',
      message: expect.stringContaining('unknown field'),
    });
  });

  test('is looked at as a whole where it had ended, and is sent all the same', async () => {
    const id = handIn(OF_ANOTHER_TIME);
    edge.outbox.conclude(id, { outcome: 'recalled', code: '', reason: '', atMs: edge.now() });
    await expect(sealed(id)).rejects.toMatchObject({ code: 'content-invalid' });
  });

  test('is looked at as a whole once it was sealed', async () => {
    const id = handIn(REFERRAL);
    expect(edge.checkedDrafts.has(id)).toBe(true);
    await dispatch(edge);
    expect(sent).toHaveLength(1);
    expect(edge.checkedDrafts.has(id)).toBe(false);
  });
});
