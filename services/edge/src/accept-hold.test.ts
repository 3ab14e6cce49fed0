import { formatProof, formatVkey, leafHash, parseVkey, signCheckpoint } from '@entente/audit';
import { newId, type Rejection, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import {
  commitmentOf,
  createSigner,
  generateKey,
  importPublicKey,
  messageHash,
  readUnverifiedHeader,
  type Signer,
  sealStatement,
} from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptHold } from './accept-hold.js';
import { decideHold } from './decide-hold.js';
import { endRetention } from './end-retention.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Edge } from './state.js';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const NATIONS = ['DE', 'FR', 'NL'];

let own: TestEdge;
let edge: Edge;
let sender: Signer;
let ledger: Signer;
beforeEach(async () => {
  own = await testEdge('court.de');
  [sender, ledger] = [await newSigner(), await newSigner()];
  const directory = await directoryOf();
  edge = { ...own.edge, directory: () => directory };
});
afterEach(() => own.close());

const newSigner = async () => await createSigner(await generateKey('Ed25519'));
const originOf = (nation: string) => `log.example/${nation}`;
const vkeyOf = (origin: string) => formatVkey(origin, Buffer.from(String(ledger.publicJwk.x), 'base64url'));

/** Of a ledger for each nation, with one key, and one member that signs. */
async function directoryOf(): Promise<Directory> {
  const { kid, alg, publicJwk } = sender;
  const jwk = JSON.stringify({ ...publicJwk, use: 'sig', alg });
  const key = await importPublicKey(jwk, { kid, use: 'sig', alg });
  return {
    nations: new Map(NATIONS.map((nation) => [nation, {}])),
    findKey: () => key,
    checkSigner: () => undefined,
    member: () => ({ id: 'court.de', nation: 'DE', types: ['court'], roles: ['court'] }),
    ledger: (nation: string, origin: string) =>
      origin === originOf(nation) ? { origin, vkey: vkeyOf(origin) } : undefined,
  } as unknown as Directory;
}

/** A message that waits for the court, as that nation's ledger has it. */
async function heldBy(
  nation: string,
  holdMinutes = 60,
  before?: wire.AnswerFrame,
): Promise<wire.AnswerFrame> {
  const [issuedAtMs, expiresAtMs] = [edge.now(), edge.now() + 24 * HOUR];
  const draft = {
    ...{ profile: edge.profile, id: newId(), caseId: newId(), inReplyTo: newId(), actor: 'system' },
    ...{ from: 'police.fr', fromRole: 'police', to: 'isp.de', toRole: 'hosting', issuedAtMs, expiresAtMs },
  };
  const about = [{ messageId: draft.inReplyTo, messageHash: Buffer.alloc(32, 1), code: '' }];
  const statement = { atMs: issuedAtMs, about, evidence: 'delivered' };
  const { envelope } = await sealStatement(draft, statement, sender);
  const first = before?.entry && wire.record.decode(before.entry.record).seal;
  const seal = first ?? wire.envelope.decode(envelope).seal;
  const stage = nation === 'FR' ? 'leave' : 'enter';
  const record = wire.record.encode({
    ...{ nation, event: 'crossing', stage, step: 'first', seal, messageHash: messageHash(seal) },
    ...{ decidedAtMs: edge.now(), verdict: { decision: 'hold', awaits: ['court@DE'], holdMinutes } },
  });
  const salt = Buffer.alloc(16, 7);
  const leaf = wire.leaf.encode({
    ...{ event: 'crossing', timeMs: edge.now(), commitment: commitmentOf(salt, record) },
  });
  const origin = originOf(nation);
  const signers = [{ key: parseVkey(vkeyOf(origin)), sign: ledger.signBytes }];
  const checkpoint = await signCheckpoint({ origin, size: 1, root: leafHash(leaf) }, signers);
  const entry = {
    leaf,
    salt,
    record,
    proof: Buffer.from(formatProof({ index: 0, hashes: [], checkpoint })),
  };
  return { evidence: 'held', messageId: draft.id, messageHash: messageHash(seal), to: edge.member, entry };
}

const waits = (messageHash: Uint8Array) => edge.holds.find(messageHash) !== undefined;
const accept = async (nation: string, holdMinutes?: number) => {
  const frame = await heldBy(nation, holdMinutes);
  await acceptHold(edge, frame);
  return frame.messageHash;
};
const release = async (hash: Uint8Array, nation?: string) => {
  const hold = edge.holds.find(hash, nation);
  if (!hold) throw new Error('nothing waits');
  return await decideHold(edge, hold, {
    ...{ decision: 'release', reason: 'lawful', justification: 'seen', actor: 'system' },
  });
};

describe('what another nation holds for this member', () => {
  test('goes when its time is over, unless a word was given', async () => {
    const [undecided, decided] = [await accept('FR'), await accept('FR')];
    await release(decided);
    own.clock.ms += 60 * MINUTE - 1;
    await endRetention(edge);
    expect([waits(undecided), waits(decided)]).toEqual([true, true]);
    own.clock.ms += 1;
    await endRetention(edge);
    expect([waits(undecided), waits(decided)]).toEqual([false, true]);
  });

  test('waits no longer than its message can be accepted, however long that nation says', async () => {
    const hash = await accept('FR', 2 ** 31);
    expect(edge.holds.find(hash)?.untilMs).toBe(edge.now() + 24 * HOUR);
  });

  test('is kept up to so many of one nation, which take no place from another', async () => {
    const known = await heldBy('FR');
    await acceptHold(edge, known);
    const row = edge.holds.find(known.messageHash);
    if (!row) throw new Error('nothing waits');
    edge.db.transaction(() => {
      for (let i = 1; i < 1000; i++) {
        const hash = Buffer.alloc(32);
        hash.writeUInt32BE(i);
        edge.holds.insert({ ...row, messageHash: hash });
      }
    });
    await expect(accept('FR')).rejects.toMatchObject({ code: 'rate-exceeded' } satisfies Partial<Rejection>);
    // A repeat asks for no room.
    await acceptHold(edge, known);
    expect(waits(await accept('DE'))).toBe(true);
    await release(known.messageHash);
    expect(waits(await accept('FR'))).toBe(true);
  });
});

test('what a nation holds that its message does not pass does not wait here', async () => {
  const held = await heldBy('FR');
  await acceptHold(edge, held);
  await expect(acceptHold(edge, await heldBy('NL', 60, held))).rejects.toMatchObject({
    code: 'proof-wrong',
  } satisfies Partial<Rejection>);
  expect(edge.holds.holders(held.messageHash)).toEqual(['FR']);
});

describe('a message that two gates hold for this member, one after the other', () => {
  /** To whom the word about it goes: it has to pass the gate that holds it. */
  const goesTo = ({ envelope }: { readonly envelope: Uint8Array }) =>
    readUnverifiedHeader(wire.envelope.decode(envelope).seal).to;

  test.each(['decided', 'not decided'])(
    'waits for a word of its own at each, the first of them %s',
    async (is) => {
      const first = await heldBy('FR');
      await acceptHold(edge, first);
      const hash = first.messageHash;
      const before = is === 'decided' ? await release(hash) : undefined;
      own.clock.ms += MINUTE;
      await acceptHold(edge, await heldBy('DE', 60, first));
      expect(edge.holds.holders(hash)).toEqual(['DE', 'FR']);
      expect(edge.holds.decisionOn(hash, 'DE')).toBeUndefined();
      const word = await release(hash, 'DE');
      expect([word.nation, goesTo(word)]).toEqual(['DE', 'police.fr']);
      expect(edge.holds.decisionOn(hash, 'FR')?.id).toBe(before?.id);
      expect(edge.holds.dueApprovals(own.clock.ms, 9)).toHaveLength(before ? 2 : 1);
    },
  );
});
