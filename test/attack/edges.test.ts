import { wire } from '@entente/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { flipped, partsOf, resealed, withBody, withSeal } from '../kit/forge.js';
import { forgedPermit, permitting } from '../kit/forge-proof.js';
import { type DeliveryDraft, type GateThief, passage, stealGates } from '../kit/gate-thief.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { received } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

// The attacker has the credentials of both gates.

let net: TestNetwork;
let thief: GateThief;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan());
  thief = await stealGates(net);
});
afterAll(async () => {
  await thief?.close();
  await net?.stop();
});

const originOfFrance = () => net.home.nations.find(({ code }) => code === 'FR')?.origin ?? '';
const permitsOn = async (envelope: Uint8Array): Promise<readonly wire.EntryFrame[]> => [
  await thief.log('DE', envelope, { stage: 'leave' }),
  await thief.log('FR', envelope, { stage: 'enter' }),
];

describe('an edge refuses a referral that a gate delivers', () => {
  let envelope: Uint8Array;
  let id: string;
  let proofs: readonly wire.EntryFrame[];
  let refused: wire.EntryFrame;
  beforeAll(async () => {
    const honest = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
    ({ envelope } = honest);
    id = honest.draft.id;
    proofs = await permitsOn(envelope);
    refused = await thief.log('FR', await another(), { stage: 'enter', decision: 'refuse' });
  });
  const another = async () => (await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'))).envelope;
  const proof = (i: 0 | 1) => proofs[i] as wire.EntryFrame;

  const ATTACKS: readonly (readonly [string, string, () => Promise<DeliveryDraft>])[] = [
    ['without proofs', 'proof-missing', async () => passage(envelope, [])],
    ["without the first gate's proof", 'proof-missing', async () => passage(envelope, [proof(1)])],
    ["without the second gate's proof", 'proof-missing', async () => passage(envelope, [proof(0)])],
    ['with a proof too many', 'proof-missing', async () => passage(envelope, [...proofs, proof(1)])],
    ['with its proofs in the wrong order', 'proof-wrong', async () => passage(envelope, proofs.toReversed())],
    ['with one proof twice', 'proof-wrong', async () => passage(envelope, [proof(0), proof(0)])],
    [
      "with another message's proofs",
      'proof-wrong',
      async () => passage(envelope, await permitsOn(await another())),
    ],
    [
      "with another nation's proof in place",
      'proof-wrong',
      async () => passage(envelope, [await thief.log('FR', envelope, { stage: 'leave' }), proof(1)]),
    ],
    [
      'with a proof of another stage',
      'proof-wrong',
      async () => passage(envelope, [proof(0), await thief.log('FR', envelope, { stage: 'inside' })]),
    ],
    [
      'which the first gate refused',
      'proof-wrong',
      async () => {
        const message = await another();
        const refusal = await thief.log('DE', message, { stage: 'leave', decision: 'refuse' });
        return passage(message, [refusal, await thief.log('FR', message, { stage: 'enter' })]);
      },
    ],
    [
      'which the second gate refused',
      'proof-wrong',
      async () => {
        const message = await another();
        const refusal = await thief.log('FR', message, { stage: 'enter', decision: 'refuse' });
        return passage(message, [await thief.log('DE', message, { stage: 'leave' }), refusal]);
      },
    ],
    [
      'with a refusal whose record was changed',
      'proof-wrong',
      async () => passage(envelope, [proof(0), permitting(refused)]),
    ],
    [
      'with a proof of a log that calls itself by the right name',
      'proof-wrong',
      async () => passage(envelope, [proof(0), await forgedPermit(originOfFrance(), proof(1))]),
    ],
    [
      'with a proof that is none',
      'proof-wrong',
      async () => passage(envelope, [proof(0), { ...proof(1), proof: Buffer.from('believe me') }]),
    ],
    [
      'with one bit of its body changed',
      'body-mismatch',
      async () => passage(flipped(envelope, -20), proofs),
    ],
    ['without its body', 'body-mismatch', async () => passage(withBody(envelope, new Uint8Array()), proofs)],
    [
      'with one character of its header changed',
      'signature-wrong',
      async () => {
        const { protectedHeader, payload, signature } = partsOf(envelope);
        const changed = `${payload.slice(0, 60)}${payload[60] === 'A' ? 'B' : 'A'}${payload.slice(61)}`;
        return passage(withSeal(envelope, `${protectedHeader}.${changed}.${signature}`), proofs);
      },
    ],
    [
      'with one character of its signature changed',
      'signature-wrong',
      async () => {
        const { protectedHeader, payload, signature } = partsOf(envelope);
        const changed = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
        return passage(withSeal(envelope, `${protectedHeader}.${payload}.${changed}`), proofs);
      },
    ],
    [
      'under the name of another member',
      'sender-mismatch',
      async () => {
        const forged = await resealed(net.home, await another(), {}, await signerOf(net.home, 'isp.de'));
        return passage(forged.envelope, await permitsOn(forged.envelope));
      },
    ],
    [
      'which is for another member',
      'recipient-mismatch',
      async () => {
        const toAnother = await sealed(net.home, 'hotline.de', phishingNotice('hotline.fr'));
        return passage(toAnother.envelope, await permitsOn(toAnother.envelope));
      },
    ],
    [
      'of another profile',
      'profile-wrong',
      async () => {
        const live = await resealed(net.home, await another(), { profile: wire.Profile.PROFILE_LIVE });
        return passage(live.envelope, await permitsOn(live.envelope));
      },
    ],
    [
      'which has expired',
      'expired',
      async () => {
        const old = await resealed(net.home, await another(), { issuedAtMs: 1, expiresAtMs: 2 });
        return passage(old.envelope, await permitsOn(old.envelope));
      },
    ],
    ['which has nothing in it', 'frame-malformed', async () => ({ passage: {} })],
  ];
  it.each(ATTACKS)('%s', async (_name, code, make) => {
    expect(await thief.refusalOf('isp.fr', await make())).toBe(code);
    expect(await received(net, 'isp.fr')).toEqual([]);
  });

  it('and takes it all the same when it comes as it was sent', async () => {
    await thief.deliver('isp.fr', passage(envelope, proofs));
    await waitFor('the referral', async () => (await received(net, 'isp.fr')).includes(id) || undefined);
  });
});
