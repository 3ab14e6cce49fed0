import { randomBytes } from 'node:crypto';
import { type MemberId, newId, wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader, sealStatement } from '@entente/seal';
import type { Lie, LieTools } from './lying-log.js';
import type { Row } from './row.js';

/** An entry that a ledger signs together with a gate that lies. All stand in one log, one after another. */
export type LieRow = Row & { readonly how: (tools: LieTools) => Lie | Promise<Lie> };

const [VERIFY, REPLAY] = ['`entente audit verify`', '`entente audit replay`'];
const DAY_MS = 86_400_000;

export const LIE_ROWS = [
  {
    change: 'an entry that is none',
    ...{ finds: ['leaf-malformed'], by: VERIFY },
    how: ({ lie }) => ({ ...lie('evidence'), leaf: Buffer.from([0xff]) }),
  },
  {
    change: 'an entry with another event than its record',
    ...{ finds: ['event-mismatch'], by: VERIFY },
    how: ({ lie }) => ({ ...lie('evidence'), event: 'crossing' }),
  },
  {
    change: 'a time that goes back',
    ...{ finds: ['time-goes-back'], by: VERIFY },
    how: ({ lie, nowMs }) => ({ ...lie('evidence'), timeMs: nowMs - 1000 }),
  },
  {
    change: 'a record that is none',
    ...{ finds: ['record-malformed'], by: VERIFY },
    how: ({ lie }) => ({ ...lie('evidence'), record: Buffer.from([0xff]) }),
  },
  {
    change: "a record of another nation's gate",
    ...{ finds: ['wrong-nation'], by: VERIFY },
    how: ({ lie }) => lie('evidence', { nation: 'FR' }),
  },
  {
    change: 'an erasure that was not carried out',
    ...{ finds: ['not-erased'], by: VERIFY },
    how: ({ lie, entryBefore }) => ({
      ...lie('evidence'),
      ...{ event: 'erasure', foundAt: entryBefore },
      record: wire.record.encode({
        ...{ nation: 'DE', event: 'erasure' },
        erasure: { indices: [entryBefore], reason: 'order', reference: 'file 1' },
      }),
    }),
  },
  {
    change: 'an entry without a message that anybody signed',
    ...{ finds: ['signature-wrong'], by: VERIFY },
    how: ({ lie, fresh }) => {
      const seal = Buffer.from(fresh('evidence').seal);
      seal[seal.length - 20] = (seal[seal.length - 20] ?? 0) === 0x41 ? 0x42 : 0x41;
      return lie('evidence', { seal, messageHash: messageHash(seal) });
    },
  },
  {
    change: 'an entry of a message that another member has signed than it names',
    ...{ finds: ['sender-mismatch'], by: VERIFY },
    how: async ({ lie, fresh, signer }) => {
      const header = readUnverifiedHeader(fresh('evidence').seal);
      return lie('evidence', await sealedBy(header, await signer('isp.fr')));
    },
  },
  {
    change: 'an entry of bytes that are no message',
    ...{ finds: ['seal-malformed', 'kind-mismatch'], by: REPLAY },
    how: ({ lie }) => {
      const seal = Buffer.from('no seal');
      return lie('evidence', { seal, messageHash: messageHash(seal) });
    },
  },
  {
    change:
      "evidence by somebody who has no part in the message: neither its recipient's word, nor its sender's of a clock",
    ...{ finds: ['said-by-another'], by: VERIFY },
    how: async ({ lie, fresh, crossing, signer }) => {
      const header = readUnverifiedHeader(fresh('evidence').seal);
      const { messageHash: hash, seal } = crossing;
      const about = [{ messageId: readUnverifiedHeader(seal).id, messageHash: hash, code: '' }];
      const statement = { ...header.statement, evidence: 'delivered', about };
      const said = { ...header, from: 'ministry.de' as MemberId, fromRole: 'ministry', statement };
      return lie('evidence', await sealedBy(said, await signer('ministry.de')));
    },
  },
  {
    change: 'the hash of another message in a record',
    ...{ finds: ['hash-mismatch'], by: REPLAY },
    how: ({ lie }) => lie('evidence', { messageHash: randomBytes(32) }),
  },
  {
    change: 'a referral passed as what the rules are not asked about',
    ...{ finds: ['kind-mismatch'], by: REPLAY },
    how: ({ lie }) => lie('crossing', { event: 'evidence' }),
  },
  {
    change: 'a verdict that the pack would not give',
    ...{ finds: ['verdict-differs'], by: REPLAY },
    how: ({ lie }) => lie('crossing', { verdict: { decision: 'permit' } }),
  },
  {
    change: 'a verdict without what was asked',
    ...{ finds: ['record-unreadable'], by: REPLAY },
    how: ({ lie }) => lie('crossing', { input: null }),
  },
  {
    change: 'a release that nobody gave',
    ...{ finds: ['approval-not-logged', 'verdict-differs'], by: REPLAY },
    how: ({ lie }) => {
      const approvals = [{ role: 'court', nation: 'DE' }];
      const verdict = { decision: 'permit' };
      return lie('crossing', { input: { fromTypes: ['hotline'], toTypes: ['isp'], approvals }, verdict });
    },
  },
  {
    change: 'a decision on another day',
    ...{ finds: ['decided-at-another-time', 'key-not-valid', 'pack-key-not-valid'], by: REPLAY },
    how: ({ lie, nowMs }) => lie('evidence', { decidedAtMs: nowMs - DAY_MS }),
  },
  {
    change: 'a decision by a pack that was not adopted last',
    ...{ finds: ['pack-not-adopted'], by: REPLAY },
    how: ({ lie }) => lie('evidence', { packSha256: randomBytes(32) }),
  },
  {
    change: 'an old directory adopted as a newer version',
    ...{ finds: ['versions-differ'], by: VERIFY },
    how: ({ adopt, directory }) =>
      adopt('adopt-directory', directory.sha256, [
        ...directory.versions.map(({ part, version }) => ({ part, version: version + 5 })),
      ]),
  },
  {
    change: 'a pack adopted that the archive does not have as it was signed',
    ...{ finds: ['pack-missing'], by: VERIFY },
    how: ({ adopt }) => adopt('adopt-pack', randomBytes(32), [{ part: 'pack', version: 7 }]),
  },
  {
    change: 'a decision under a directory that was not adopted last, and is in no archive',
    ...{ finds: ['directory-not-adopted', 'directory-missing', 'pack-not-adopted'], by: REPLAY },
    how: ({ lie }) => lie('evidence', { directorySha256: randomBytes(32) }),
  },
] as const satisfies readonly LieRow[];

async function sealedBy(
  { statement, ...header }: Parameters<typeof wire.header.encode>[0],
  signer: Parameters<typeof sealStatement>[2],
): Promise<{ readonly seal: Uint8Array; readonly messageHash: Uint8Array }> {
  const { envelope, messageHash: hash } = await sealStatement(
    { ...header, id: newId() } as never,
    statement as never,
    signer,
  );
  return { seal: wire.envelope.decode(envelope).seal, messageHash: hash };
}
