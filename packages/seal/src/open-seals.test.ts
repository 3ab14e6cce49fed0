import { newId, wire } from '@entente/contract';
// As it is built: a thread is started from a file.
import { createSealOpener, type OpenSeals } from '@entente/seal';
import { afterAll, describe, expect, test } from 'vitest';
import { generateKey, publicJwk } from './generate-key.js';
import { createSigner } from './load-keys.js';
import { openSeal, openStepwise, type Sealed } from './open-seal.js';
import { importPublicKey } from './public-key.js';
import { readUnverifiedHeader } from './read-header.js';
import { sealStatement } from './seal-message.js';

async function sealedBy(kind: 'Ed25519' | 'P-256') {
  const jwk = await generateKey((kind === 'P-256' ? 'ES256' : kind) as 'Ed25519');
  const stated = { kid: jwk.kid ?? '', use: 'sig', alg: jwk.alg ?? '' };
  const key = await importPublicKey(JSON.stringify(publicJwk(jwk)), stated);
  const draft = {
    ...{
      profile: wire.Profile.PROFILE_TEST,
      id: newId(),
      caseId: newId(),
      from: 'hotline.de',
      fromRole: 'hotline',
    },
    ...{ to: 'isp.fr', toRole: 'hosting', inReplyTo: '', issuedAtMs: 1, expiresAtMs: 2, actor: '' },
  };
  const statement = { evidence: 'delivered', atMs: 1, about: [] };
  const { envelope } = await sealStatement(draft, statement, await createSigner(jwk));
  const { seal } = wire.envelope.decode(envelope);
  return { seal, findKey: (kid: string) => (kid === key.kid ? key : undefined) };
}

const codeOf = (open: () => unknown): string => {
  try {
    open();
    return 'opened';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? 'crashed';
  }
};

const [alone, threaded] = [createSealOpener(0), createSealOpener(2, { threadsAfter: 0 })];
afterAll(async () => void (await Promise.all([alone, threaded].map((opener) => opener.close()))));

/** Each by its own call, all at once. */
const stepwise: OpenSeals = async (seals) =>
  await Promise.all(
    seals.map(({ seal, findKey }) => openStepwise(seal, findKey).catch((error: Error) => error)),
  );

describe.each(['Ed25519', 'P-256'] as const)('seals by a key on %s, opened together', (kind) => {
  test.each([alone, threaded, { open: stepwise }])(
    'say the same as one by one, whatever letter of one is changed',
    async ({ open }) => {
      const { seal, findKey } = await sealedBy(kind);
      const changed = Array.from(seal.keys(), (at) => {
        const other = Buffer.from(seal);
        other[at] = other[at] === 0x41 ? 0x42 : 0x41;
        return { seal: other, findKey };
      }).filter((_, at) => at % 9 === 0);
      const all = [{ seal, findKey }, ...changed, { seal, findKey }, { seal, findKey: () => undefined }];
      const codes = all.map((one) => codeOf(() => openSeal(one.seal, one.findKey)));
      expect(codes.filter((code) => code === 'opened')).toHaveLength(2);
      expect(new Set(codes)).toContain('signature-wrong');
      // More calls than any thread takes, while threads start and when they are there.
      for (let round = 0; round < 3; round++) {
        const rounds = await Promise.all(Array.from({ length: 8 }, () => open(all)));
        for (const opened of rounds)
          expect(opened.map((one) => ('code' in one ? one.code : 'opened'))).toEqual(codes);
        expect(rounds.at(-1)?.[0]).toEqual(openSeal(seal, findKey));
      }
    },
  );

  test.each([alone, threaded])(
    'are believed no sooner because their header was read before, and it is not read again',
    async ({ open }) => {
      const { seal, findKey } = await sealedBy(kind);
      const header = readUnverifiedHeader(seal);
      const unsigned = Buffer.from(seal);
      unsigned[seal.length - 9] = unsigned[seal.length - 9] === 0x41 ? 0x42 : 0x41;
      const [opened, refused] = await open([
        { seal, findKey, header },
        { seal: unsigned, findKey, header },
      ]);
      expect(opened).toEqual(openSeal(seal, findKey));
      expect((opened as Sealed).header).toBe(header);
      expect(refused).toMatchObject({ code: 'signature-wrong' });
    },
  );
});
