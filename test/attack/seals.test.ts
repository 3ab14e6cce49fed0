import { createHmac, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { paths, verifyLedgers } from '@entente/cli';
import { LIMITS } from '@entente/contract';
import { createSigner, generateKey } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { base64url, flipped, partsOf, resealed, withBody, withSeal } from '../kit/forge.js';
import { natsPort, sealed, seedOf, signerOf } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { openRawNats } from '../kit/raw-nats.js';
import { logSize, received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// The attacker has the NATS credential of hotline.de, in some tests its signing key too, and writes every byte itself.
let net: TestNetwork;
let hotline: Tap;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de', 'isp.de']);
  hotline = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await hotline?.close();
  await net?.stop();
});

const honest = async () => await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
const signatureBy = (member: string, input: string) =>
  sign(null, Buffer.from(input), {
    key: JSON.parse(readFileSync(paths.secret(net.home.dir, member, 'sign.key'), 'utf8')) as never,
    format: 'jwk',
  }).toString('base64url');

/** An honest message whose protected header is this text, rightly signed by hotline.de over exactly these bytes. */
async function underHeader(text: (kid: string) => string, decorate = (part: string) => part) {
  const { envelope } = await honest();
  const { kid } = await signerOf(net.home, 'hotline.de');
  const input = `${decorate(base64url(text(kid)))}.${partsOf(envelope).payload}`;
  return withSeal(envelope, `${input}.${signatureBy('hotline.de', input)}`);
}

const headerWith = (more: object) => (kid: string) =>
  JSON.stringify({ alg: 'Ed25519', kid, typ: 'entente-seal', ...more });

/** Signed by another key than the header's `alg` and `kid` say. */
async function unsigned(header: object, signature: (input: string) => string) {
  const { envelope } = await honest();
  const { kid } = await signerOf(net.home, 'hotline.de');
  const input = `${base64url(headerWith({ kid, ...header })(kid))}.${partsOf(envelope).payload}`;
  return withSeal(envelope, `${input}.${signature(input)}`);
}

async function withPayload(change: (payload: Buffer) => Uint8Array) {
  const { envelope } = await honest();
  const payload = change(Buffer.from(partsOf(envelope).payload, 'base64url'));
  const signer = await signerOf(net.home, 'hotline.de');
  return withSeal(envelope, await signer.signCompact(payload, 'entente-seal'));
}

async function withSealText(change: (seal: string) => string) {
  const { envelope } = await honest();
  return withSeal(envelope, change(Object.values(partsOf(envelope)).join('.')));
}

// A field with the number 127 and the value 1, and the header's first field once more.
const UNKNOWN_FIELD = Buffer.from([0xf8, 0x07, 0x01]);
const PROTOCOL_AGAIN = Buffer.from([0x08, 0x01]);

type Attack = readonly [name: string, code: string, make: () => Promise<Uint8Array>];

const WHO: readonly Attack[] = [
  [
    'the seal of another member',
    'sender-mismatch',
    async () => (await sealed(net.home, 'isp.de', phishingNotice('isp.fr'))).envelope,
  ],
  [
    "its own name under another member's signature",
    'sender-mismatch',
    async () =>
      (
        await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'), {
          signer: await signerOf(net.home, 'isp.de'),
        })
      ).envelope,
  ],
  [
    "another member's name under its own signature",
    'sender-mismatch',
    async () => (await resealed(net.home, (await honest()).envelope, { from: 'isp.de' })).envelope,
  ],
  [
    "another member's kid over its own signature",
    'signature-wrong',
    async () =>
      await unsigned({ kid: (await signerOf(net.home, 'isp.de')).kid }, (input) =>
        signatureBy('hotline.de', input),
      ),
  ],
  [
    'a key that stands in no directory',
    'key-unknown',
    async () => {
      const signer = await createSigner(await generateKey('Ed25519'));
      return (await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'), { signer })).envelope;
    },
  ],
  ['the algorithm "none"', 'algorithm-not-allowed', () => unsigned({ alg: 'none' }, () => '')],
  [
    'HS256 with the public key as its secret',
    'algorithm-not-allowed',
    async () => {
      const { publicJwk } = await signerOf(net.home, 'hotline.de');
      const secret = Buffer.from(String(publicJwk.x), 'base64url');
      return await unsigned({ alg: 'HS256' }, (input) =>
        createHmac('sha256', secret).update(input).digest('base64url'),
      );
    },
  ],
  ...['EdDSA', 'ES256', 'XX999', ''].map(
    (alg): Attack => [
      `the algorithm "${alg}" for an Ed25519 key`,
      'algorithm-not-allowed',
      () => unsigned({ alg }, (input) => signatureBy('hotline.de', input)),
    ],
  ),
  [
    'the signature of another message',
    'signature-wrong',
    async () => {
      const { signature } = partsOf((await honest()).envelope);
      return await withSealText((seal) => `${seal.slice(0, seal.lastIndexOf('.'))}.${signature}`);
    },
  ],
  ['a seal without a signature', 'signature-wrong', () => withSealText((seal) => seal.replace(/[^.]*$/, ''))],
];

const SHAPE: readonly Attack[] = [
  ...['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip'].map(
    (member): Attack => [
      `a header with "${member}"`,
      'seal-malformed',
      () => underHeader(headerWith({ [member]: member === 'jwk' ? { kty: 'OKP' } : 'x' })),
    ],
  ),
  [
    'a header that names its key twice',
    'seal-malformed',
    () => underHeader((kid) => `{"alg":"Ed25519","kid":"x","kid":"${kid}","typ":"entente-seal"}`),
  ],
  [
    'a header with white space',
    'seal-malformed',
    () => underHeader((kid) => `{"alg": "Ed25519","kid":"${kid}","typ":"entente-seal"}`),
  ],
  [
    'a header with an escaped member',
    'seal-malformed',
    () => underHeader((kid) => `{"\\u0061lg":"Ed25519","kid":"${kid}","typ":"entente-seal"}`),
  ],
  ['a seal of another type', 'seal-malformed', () => underHeader(headerWith({ typ: 'entente-nation' }))],
  ['a header deeper than any parser likes', 'seal-malformed', () => underHeader(() => '['.repeat(9000))],
  ['padding', 'seal-malformed', () => underHeader(headerWith({}), (part) => `${part}=`)],
  ['a line break in the seal', 'seal-malformed', () => withSealText((seal) => seal.replace('.', '\n.'))],
  ['white space after the seal', 'seal-malformed', () => withSealText((seal) => `${seal} `)],
  [
    'bits left over at the end of the signature',
    'seal-malformed',
    () => withSealText((seal) => `${seal.slice(0, -1)}${seal.endsWith('B') ? 'C' : 'B'}`),
  ],
  [
    'a seal of two parts',
    'seal-malformed',
    () => withSealText((seal) => seal.slice(0, seal.lastIndexOf('.'))),
  ],
  ['a seal of five parts', 'seal-malformed', () => withSealText((seal) => `${seal}.${seal}`)],
  [
    'a header with an unknown field',
    'header-malformed',
    () => withPayload((bytes) => Buffer.concat([bytes, UNKNOWN_FIELD])),
  ],
  [
    'a header with a field twice',
    'header-malformed',
    () => withPayload((bytes) => Buffer.concat([PROTOCOL_AGAIN, bytes])),
  ],
  [
    'a header that is no protobuf',
    'header-malformed',
    () => withPayload(() => Buffer.from('{"protocol":1}')),
  ],
  [
    'an envelope with an unknown field',
    'frame-malformed',
    async () => Buffer.concat([(await honest()).envelope, UNKNOWN_FIELD]),
  ],
  [
    'an envelope that ends too early',
    'frame-malformed',
    async () => (await honest()).envelope.subarray(0, -9),
  ],
  ['an envelope of nothing but bytes', 'frame-malformed', async () => Buffer.alloc(2000, 0xff)],
  ['an envelope one byte over the limit', 'too-large', async () => Buffer.alloc(LIMITS.envelope + 1, 1)],
  [
    'a seal over its own limit',
    'too-large',
    () => withSealText((seal) => seal.replace('.', `.${'A'.repeat(LIMITS.seal)}`)),
  ],
  [
    'a body that was swapped',
    'body-mismatch',
    async () => withBody((await honest()).envelope, Buffer.from('another')),
  ],
  ['a body with one bit changed', 'body-mismatch', async () => flipped((await honest()).envelope, -20)],
];

describe('a gate refuses, logs nothing and tells only who handed it in', () => {
  it.each([...WHO, ...SHAPE])('%s', async (_name, code, make) => {
    const before = [await logSize(net.home, 'DE'), await logSize(net.home, 'FR')];
    expect(await hotline.noticeOn(await make())).toBe(code);
    expect([await logSize(net.home, 'DE'), await logSize(net.home, 'FR')]).toEqual(before);
    expect(await received(net, 'isp.fr')).toEqual([]);
  });

  it('a message of hotline.de that isp.de hands in again', async () => {
    const { envelope, messageHash } = await honest();
    const isp = await tapMember(net, 'isp.de');
    const before = [await logSize(net.home, 'DE'), await logSize(net.home, 'FR')];
    expect(await isp.noticeOn(envelope)).toBe('sender-mismatch');
    expect([await logSize(net.home, 'DE'), await logSize(net.home, 'FR')]).toEqual(before);
    expect(hotline.entriesOn(messageHash)).toEqual([]);
    await isp.close();
  });
});

describe('what was refused for its bytes', () => {
  it('does not stand in the way of the true message', async () => {
    const { envelope, messageHash, draft } = await honest();
    expect(await hotline.noticeOn(withBody(envelope, Buffer.from('another')))).toBe('body-mismatch');
    await hotline.handIn(envelope);
    expect((await hotline.statementOn(messageHash)).evidence).toBe('delivered');
    expect(await received(net, 'isp.fr')).toEqual([draft.id]);
  });

  it('ten megabytes do not get past the server, and cost the attacker its connection', async () => {
    const raw = await openRawNats(natsPort(net.home, 'DE'), seedOf(net.home, 'hotline.de', 'nats.nkey'));
    expect(raw.isClosed()).toBe(false);
    raw.publish('edge.out.hotline_de', Buffer.alloc(10 * 1024 * 1024));
    await waitFor('the server to hang up', async () => raw.isClosed() || undefined);
    await waitFor('its reason', async () => {
      const text = readFileSync(paths.logFile(net.home.dir, 'nats.de'), 'utf8');
      return text.includes('maximum payload exceeded') || undefined;
    });
    raw.close();
  });

  it('leaves logs that verify', async () => {
    expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
  });
});
