import { LIMITS, wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { describe, expect, test } from 'vitest';
import { admit, NotAppended } from './admit.js';
import { adoptDirectory, adoptPack, hash, NOW, PACK, record, rejection, seal } from './fixture/test-log.js';

type RecordDraft = NonNullable<Parameters<typeof record>[1]>;

function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    admit(bytes, 'DE');
    return undefined;
  } catch (error) {
    if (error instanceof NotAppended) return error.refusal;
    throw error;
  }
}

describe('a record of a message', () => {
  test('is found again by message hash, stage and step, and claims its id for its sender', () => {
    const { key, claim, adoption } = admit(record('a', { stage: 'enter', step: 'overdue' }), 'DE');
    expect(key).toEqual({ messageHash: messageHash(seal('a')), stage: 'enter', step: 'overdue' });
    expect(claim).toEqual({ sender: 'hotline.de', id: 'a' });
    expect(adoption).toBeNull();
  });

  test('claims no id as a rejection', () => {
    expect(admit(rejection('a'), 'DE').claim).toBeNull();
  });

  test.each<[string, Parameters<typeof record>[1]]>([
    ['an unknown event', { event: 'crossed' }],
    ['an event of prototypes', { event: 'constructor' }],
    ['no event', { event: '' }],
    ['an unknown stage', { stage: 'Leave' }],
    ['a stage that is an adoption', { stage: 'adopt-pack' }],
    ['what only the ledger erases', { event: 'erasure' }],
    ['the end of the log', { event: 'log-closed' }],
    ['the beginning of a log', { event: 'log-opened' }],
    ['the deletion of a log', { event: 'log-deleted' }],
    ['an erasure beside a message', { erasure: { indices: [0], reason: 'order', reference: '1' } }],
    ['a successor beside a message', { succession: { origin: 'log.example', reason: 'time-over' } }],
    ['a past log beside a message', { past: { origin: 'log.example' } }],
    ['an adoption beside a message', { adoption: { sha256: PACK } }],
    ['no stage', { stage: '' }],
    ['no seal', { seal: new Uint8Array(), messageHash: messageHash(new Uint8Array()) }],
    ['the hash of another seal', { messageHash: messageHash(seal('b')) }],
    ['the hash of the whole seal', { messageHash: hash(seal('a').toString()) }],
    ['no hash', { messageHash: new Uint8Array() }],
    ['a step that is none', { step: 'second' }],
    ['no step', { step: '' }],
    ['a hold that would end a hold', { step: 'overdue', verdict: { decision: 'hold' } }],
    ['evidence that would end a hold', { step: 'overdue', event: 'evidence' }],
    ['an approval that is none', { event: 'approval' }],
    ['no verdict', { verdict: null }],
    ['an unknown verdict', { verdict: { decision: 'permitted' } }],
    ['an empty verdict', { verdict: { decision: '' } }],
    ['a rejection that permits', { event: 'rejection' }],
    ['a rejection that holds', { event: 'rejection', verdict: { decision: 'hold' } }],
  ])('is refused with %s', (_what, change) => {
    expect(refusalOf(record('a', change))).toBe('record-malformed');
  });

  const gone = (change: RecordDraft = {}) =>
    wire.record.encode({
      ...{
        nation: 'DE',
        event: 'quarantine-end',
        step: 'first',
        decidedAtMs: NOW,
        messageHash: Buffer.alloc(16, 7),
      },
      erasure: { reason: 'time-over', reference: 'QUARANTINE_DAYS 30' },
      ...change,
    });

  test('says that a message in quarantine is gone, and nothing else beside that', () => {
    const { key, claim, adoption } = admit(gone(), 'DE');
    expect(key).toEqual({ messageHash: Buffer.alloc(16, 7), stage: 'quarantine-end', step: 'first' });
    expect([claim, adoption]).toEqual([null, null]);
    const erasure = { reason: 'time-over', reference: 'QUARANTINE_DAYS 30' };
    const wrong: RecordDraft[] = [
      { erasure: null },
      { erasure: { ...erasure, indices: [0] } },
      { erasure: { ...erasure, reason: 'order' } },
      { erasure: { ...erasure, reference: 'Maria Muster' } },
      { erasure: { ...erasure, proposedBy: 'unit 4' } },
      { messageHash: messageHash(seal('a')) },
      { messageHash: new Uint8Array() },
      { step: 'overdue' },
      { stage: 'leave' },
      { seal: seal('a') },
      { verdict: { decision: 'permit' } },
      { adoption: { sha256: PACK } },
      { past: { origin: 'log.example' } },
      { succession: { origin: 'log.example' } },
      { administration: { subject: 'retention' } },
      { responsible: [{ part: 'pack', proposedBy: 'unit 4' }] },
      { packSha256: PACK },
      { input: { fromTypes: ['isp'] } },
    ];
    expect(new Set(wrong.map((change) => refusalOf(gone(change))))).toEqual(new Set(['record-malformed']));
    expect(refusalOf(gone({ nation: 'FR' }))).toBe('wrong-nation');
  });

  test('says of an order of a person that it went by that, and by whose, each order a step of its own', () => {
    const [step, messageHash] = ['0'.repeat(64), Buffer.alloc(16, 7)];
    const erasure = {
      ...{ reason: 'mistake', reference: 'ticket 12', proposedBy: 'unit 4', approvedBy: ['head'] },
    };
    const { key } = admit(gone({ step, erasure }), 'DE');
    expect(key).toEqual({ messageHash, stage: 'quarantine-end', step });
    const wrong: RecordDraft[] = [
      { step: 'first' },
      { step: 'overdue' },
      { erasure: { ...erasure, reason: 'time-over' } },
      { erasure: { ...erasure, reason: 'because' } },
      { erasure: { ...erasure, reference: '' } },
      { erasure: { ...erasure, reference: 'a\nb' } },
      { erasure: { ...erasure, reference: 'x'.repeat(201) } },
      { erasure: { ...erasure, proposedBy: 'x'.repeat(81) } },
      { erasure: { ...erasure, indices: [0] } },
      { seal: seal('a') },
    ];
    const refusals = wrong.map((change) => refusalOf(gone({ step, erasure, ...change })));
    expect(new Set(refusals)).toEqual(new Set(['record-malformed']));
  });

  const { KIND_REFERRAL, KIND_EVIDENCE, KIND_ANCHOR, KIND_INSPECT } = wire.Kind;
  const ofKind = (kind: number, event: string, change: Parameters<typeof record>[1] = {}) =>
    refusalOf(record('a', { seal: seal('a', 'hotline.de', '', kind), event, stage: 'inside', ...change }));

  test('is an anchor or an inspection only if its seal says so, inside the nation, and permitted', () => {
    expect(ofKind(KIND_ANCHOR, 'access-anchor')).toBeUndefined();
    expect(ofKind(KIND_INSPECT, 'inspect')).toBeUndefined();
    const forged = [
      ofKind(KIND_REFERRAL, 'access-anchor'),
      ofKind(KIND_REFERRAL, 'inspect'),
      ofKind(KIND_EVIDENCE, 'inspect'),
      ofKind(KIND_ANCHOR, 'inspect'),
      ofKind(KIND_INSPECT, 'access-anchor'),
      ofKind(KIND_INSPECT, 'inspect', { stage: 'leave' }),
      ofKind(KIND_INSPECT, 'inspect', { stage: 'enter' }),
      ofKind(KIND_ANCHOR, 'access-anchor', { verdict: { decision: 'hold' } }),
    ];
    expect(new Set(forged)).toEqual(new Set(['record-malformed']));
  });

  test('says nothing that only the ledger or an agency says', () => {
    const administration = { subject: 'retention', before: '60', after: '3650' };
    const responsible = [{ part: 'pack', proposedBy: 'unit 4', approvedBy: [] }];
    const said = [
      record('a', { administration }),
      record('a', { responsible }),
      record('a', { event: 'setting', administration }),
      record('a', { event: 'read' }),
      adoptPack(PACK, 1, { administration }),
    ];
    expect(said.map(refusalOf)).toEqual(said.map(() => 'record-malformed'));
  });

  test.each(['FR', 'de', '', 'DE\0'])('is refused for the nation %j', (nation) => {
    expect(refusalOf(record('a', { nation }))).toBe('wrong-nation');
  });

  test('may hold and refuse as well as permit', () => {
    for (const decision of ['permit', 'refuse', 'hold']) {
      expect(refusalOf(record('a', { verdict: { decision } }))).toBeUndefined();
    }
  });

  test('is refused as garbage, cut short, with something behind it, and too large', () => {
    const bytes = record('a');
    for (const wrong of [
      Buffer.from('garbage'),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.of(0x78, 0x01)]),
      record('a', { seal: Buffer.alloc(LIMITS.entry + 1) }),
    ]) {
      expect(refusalOf(wrong)).toBe('record-malformed');
    }
  });
});

describe('an adoption', () => {
  test('names a hash and, for a directory, the versions of its parts', () => {
    expect(admit(adoptDirectory(hash('a'), { DE: 1 }), 'DE').adoption).toEqual({
      kind: 'adopt-directory',
      sha256: hash('a'),
      versions: [{ part: 'DE', version: 1 }],
    });
    expect(admit(adoptPack(PACK), 'DE').claim).toBeNull();
  });

  const ONE = { part: 'pack', version: 1 };

  test('may say who wanted it and who agreed, in short words and of its own parts', () => {
    const of = (part: string, proposedBy = 'unit 4', approvedBy = ['legal service']) => ({
      ...{ part, proposedBy, approvedBy },
    });
    const adopt = (...responsible: ReturnType<typeof of>[]) => refusalOf(adoptPack(PACK, 1, { responsible }));
    expect(adopt(of('pack'))).toBeUndefined();
    const refused = [
      adopt(of('DE')),
      adopt(of('pack'), of('pack')),
      adopt(of('pack', 'two\nlines')),
      adopt(of('pack', 'a'.repeat(81))),
      adopt(of('pack', 'unit 4', Array(9).fill('legal service'))),
    ];
    expect(refused).toEqual(refused.map(() => 'record-malformed'));
  });

  test.each<[string, Parameters<typeof adoptPack>[2]]>([
    ['no adoption', { adoption: null }],
    ['a hash that is too short', { adoption: { sha256: PACK.subarray(1) } }],
    ['an empty hash', { adoption: { sha256: new Uint8Array() } }],
    ['a message hash', { messageHash: messageHash(seal('a')) }],
    ['a seal', { seal: seal('a') }],
    ['a verdict', { verdict: { decision: 'permit' } }],
    ['a stage', { stage: 'leave' }],
    ['a step', { step: 'first' }],
    ['the version of a part', { adoption: { sha256: PACK, versions: [{ part: 'DE', version: 9 }] } }],
    ['no version', { adoption: { sha256: PACK, versions: [] } }],
    ['two versions', { adoption: { sha256: PACK, versions: [ONE, ONE] } }],
  ])('is refused with %s', (_what, change) => {
    expect(refusalOf(adoptPack(PACK, 1, change))).toBe('record-malformed');
  });

  test('of a directory has no version of a pack', () => {
    expect(refusalOf(adoptDirectory(hash('a'), { DE: 1, pack: 1 }))).toBe('record-malformed');
  });

  test('is refused for another nation', () => {
    expect(refusalOf(adoptPack(PACK, 1, { nation: 'FR' }))).toBe('wrong-nation');
  });
});

test('every refusal has a word that a reply can carry', () => {
  expect(wire.appendReply.decode(wire.appendReply.encode({ refusal: 'id-reused' })).entry).toBeNull();
});
