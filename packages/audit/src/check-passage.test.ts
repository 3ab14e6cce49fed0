import { Rejection, type Stage, type wire } from '@entente/contract';
import { describe, expect, test } from 'vitest';
import { checkPassage, type ExpectedPassage } from './check-passage.js';
import { find, hash, logged, recordOf, testLedger } from './fixture/test-ledger.js';
import { formatProof, parseProof } from './proof.js';

const de = testLedger('entente.example/de/2025');
const fr = testLedger('entente.example/fr/2025');

const expected = (change: Partial<ExpectedPassage> = {}): ExpectedPassage => ({
  nation: 'DE',
  stages: ['leave'],
  messageHash: hash('a'),
  findLedger: find(de),
  ...change,
});
const codeOf = (entry: wire.EntryFrame | undefined, passage = expected()): string | undefined => {
  try {
    checkPassage(entry, passage);
    return undefined;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return error.code;
  }
};
/** The code for a passage whose record was logged like this. */
const codeOfRecord = async (change: Parameters<typeof recordOf>[1], passage?: ExpectedPassage) =>
  codeOf(await logged(de, [recordOf('other'), recordOf('a', change)], 1), passage);
const good = await logged(de, [recordOf('a'), recordOf('b')]);

describe('checkPassage', () => {
  test('gives the entry that let this message pass', () => {
    expect(checkPassage(good, expected())).toMatchObject({ origin: de.origin, index: 0 });
  });

  test('takes any of the stages that are asked for', async () => {
    for (const stage of ['leave', 'enter', 'inside'] satisfies Stage[]) {
      expect(
        await codeOfRecord({ stage }, expected({ stages: ['leave', 'enter', 'inside'] })),
      ).toBeUndefined();
      expect(await codeOfRecord({ stage }, expected({ stages: [stage] }))).toBeUndefined();
    }
  });

  test('takes evidence as well as a referral', async () => {
    expect(await codeOfRecord({ event: 'evidence' })).toBeUndefined();
    expect(await codeOfRecord({ event: 'approval' })).toBeUndefined();
    expect(await codeOfRecord({ event: 'violation' })).toBeUndefined();
  });

  test('does not take a fault of ours for one of the proof', () => {
    const fault = new TypeError('of ours');
    const findLedger = () => {
      throw fault;
    };
    expect(() => checkPassage(good, expected({ findLedger }))).toThrow(fault);
  });

  test('says that a proof is missing', () => {
    expect(codeOf(undefined)).toBe('proof-missing');
  });
});

describe('checkPassage refuses', () => {
  test("another message's proof", async () => {
    expect(codeOf(good, expected({ messageHash: hash('b') }))).toBe('proof-wrong');
    expect(codeOf(await logged(de, [recordOf('b')]))).toBe('proof-wrong');
  });

  test('a proof for no message', async () => {
    const none = { messageHash: new Uint8Array(), seal: new Uint8Array() };
    expect(await codeOfRecord(none)).toBe('proof-wrong');
    expect(codeOf(good, expected({ messageHash: hash('a').subarray(0, 31) }))).toBe('proof-wrong');
    expect(codeOf(good, expected({ messageHash: new Uint8Array() }))).toBe('proof-wrong');
  });

  test("the proof of another nation's ledger", async () => {
    const elsewhere = await logged(fr, [recordOf('a')]);
    expect(codeOf(elsewhere)).toBe('proof-wrong');
    // Even where that ledger is trusted for its own nation, or speaks in its own name of this message.
    const own = await logged(fr, [recordOf('a', { nation: 'FR' })]);
    expect(codeOf(own, expected({ findLedger: find(de, fr) }))).toBe('proof-wrong');
  });

  test('the proof of this nation when another was asked', () => {
    expect(codeOf(good, expected({ nation: 'FR', findLedger: find(fr) }))).toBe('proof-wrong');
    expect(codeOf(good, expected({ nation: 'FR' }))).toBe('proof-wrong');
  });

  test('a forged checkpoint', async () => {
    const forger = { ...testLedger(de.origin), vkey: de.vkey };
    expect(codeOf(await logged(forger, [recordOf('a')]))).toBe('proof-wrong');
    const proof = parseProof(good.proof);
    const checkpoint = proof.checkpoint.replace('\n2\n', '\n3\n');
    expect(codeOf({ ...good, proof: Buffer.from(formatProof({ ...proof, checkpoint })) })).toBe(
      'proof-wrong',
    );
  });

  test.each<[string, Parameters<typeof recordOf>[1]]>([
    ['a refusal', { verdict: { decision: 'refuse' } }],
    ['a message that is held', { verdict: { decision: 'hold' } }],
    ['no verdict', { verdict: null }],
    ['an empty verdict', { verdict: {} }],
    ['a verdict in other letters', { verdict: { decision: 'Permit' } }],
    ['an unknown verdict', { verdict: { decision: 'permit ' } }],
    ['another stage', { stage: 'enter' }],
    ['an unknown stage', { stage: 'Leave' }],
    ['no stage', { stage: '' }],
    ['another nation', { nation: 'FR' }],
    ['no nation', { nation: '' }],
  ])('%s', async (_what, change) => {
    expect(await codeOfRecord(change)).toBe('proof-wrong');
  });

  test('every stage when none is asked for', () => {
    expect(codeOf(good, expected({ stages: [] }))).toBe('proof-wrong');
  });

  test('a record whose leaf says that something else happened', async () => {
    expect(codeOf(await logged(de, [recordOf('a')], 0, { event: 'rejection' }))).toBe('proof-wrong');
  });

  const flip = (bytes: Uint8Array) => Buffer.from(bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte)));
  test.each(['record', 'salt', 'leaf', 'proof'] as const)('a changed %s', (part) => {
    expect(codeOf({ ...good, [part]: flip(good[part]) })).toBe('proof-wrong');
    expect(codeOf({ ...good, [part]: new Uint8Array() })).toBe('proof-wrong');
  });

  test.each<[string, Parameters<typeof recordOf>[1]]>([
    ['stage', { stage: 'enter' }],
    ['verdict', { verdict: { decision: 'refuse' } }],
    ['nation', { nation: 'FR' }],
  ])('a %s that was changed after it was logged', async (_what, change) => {
    const entry = await logged(de, [recordOf('a', change)]);
    expect(codeOf({ ...entry, record: recordOf('a') })).toBe('proof-wrong');
  });

  test('a record that was logged and cannot be read', async () => {
    const entry = await logged(de, [Buffer.from('garbage')], 0, { event: 'crossing' });
    expect(codeOf(entry)).toBe('proof-wrong');
  });
});
