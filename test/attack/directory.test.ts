import type { wire } from '@entente/contract';
import { createSigner, generateKey, publicJwk, type Signer } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishPart, readPart, readPartFile, replacePartFile, withMember } from '../kit/directory-part.js';
import { twinOf } from '../kit/es256-twin.js';
import { phishingNotice } from '../kit/examples.js';
import { partsOf, withSeal } from '../kit/forge.js';
import { type GateThief, passage, stealGates } from '../kit/gate-thief.js';
import { sealed } from '../kit/hostile.js';
import { smallPlan, startTestNetwork, type TestNetwork } from '../kit/network.js';
import { logLines, received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

// The tests build on one another: each goes on with the directory that the one before has left.
let net: TestNetwork;
let hotline: Tap;
let thief: GateThief;
let hsm: Signer;
let hsmKey: wire.PublicKeyFrame;
beforeAll(async () => {
  net = await startTestNetwork(smallPlan(), ['hotline.de', 'isp.de', 'hotline.fr']);
  [hotline, thief] = await Promise.all([tapMember(net, 'hotline.de'), stealGates(net)]);
  const jwk = await generateKey('ES256');
  hsm = await createSigner(jwk);
  const { validFromMs, validUntilMs } = firstMember(readPart(net.home, 'DE')).keys[0] as wire.PublicKeyFrame;
  const stated = { kid: jwk.kid ?? '', use: 'sig', alg: 'ES256', jwk: JSON.stringify(publicJwk(jwk)) };
  hsmKey = { ...stated, validFromMs, validUntilMs, revokedAtMs: 0 };
});
afterAll(async () => {
  await Promise.all([hotline?.close(), thief?.close()]);
  await net?.stop();
});

const firstMember = ({ members }: wire.NationPartFrame) => members[0] as wire.MemberFrame;
const honest = async (signer?: Signer) =>
  await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'), signer ? { signer } : {});
/** Handed in again and again, as its own edge would: each service looks at the directory in its own time. */
const isDelivered = async ({ envelope, messageHash }: { envelope: Uint8Array; messageHash: Uint8Array }) => {
  const { evidence } = await waitFor('an outcome', async () => {
    await hotline.handIn(envelope);
    return await hotline.statementOn(messageHash, 1000).catch(() => undefined);
  });
  expect(evidence).toBe('delivered');
};
const onBothLogs = async (envelope: Uint8Array) =>
  passage(envelope, [
    await thief.log('DE', envelope, { stage: 'leave' }),
    await thief.log('FR', envelope, { stage: 'enter' }),
  ]);
/** Until the gate of DE and the edge of isp.fr answer so to a new message under this key: each looks in its own time. */
const untilBothSay = async (atGate: string | undefined, atEdge: string, signer?: Signer) => {
  const { envelope, messageHash } = await honest(signer);
  await waitFor(`${atGate} at the gate`, async () => {
    if (atGate !== undefined)
      return (await hotline.noticeOn((await honest(signer)).envelope)) === atGate || undefined;
    await hotline.handIn(envelope);
    return await hotline.entryBy('DE', messageHash, 1000).catch(() => undefined);
  });
  // It has no proof: whether its key is good is asked before.
  const bare = async () => passage((await honest(signer)).envelope, []);
  await waitFor(
    `${atEdge} at the edge`,
    async () => (await thief.refusalOf('isp.fr', await bare())) === atEdge || undefined,
  );
};
const faultsOf = (name: string) =>
  logLines(net.home, name).flatMap(({ err }) => (err as { code?: string } | undefined)?.code ?? []);
const suspended = () => ({ suspendedAtMs: Date.now() - 1 });

describe('a directory that cannot be believed', () => {
  it('because another nation has signed it, is not taken, and the old one goes on', async () => {
    const genuine = readPartFile(net.home, 'DE');
    await publishPart(net.home, withMember(readPart(net.home, 'DE'), 'hotline.de', suspended), 'FR');
    for (const name of ['gate.de', 'gate.fr', 'isp.fr'])
      await waitFor('an alarm', async () => faultsOf(name).includes('part-not-trusted') || undefined);
    await isDelivered(await honest());
    replacePartFile(net.home, 'DE', genuine);
  });

  it('because it has changed under the same version, is not taken, and the old one goes on', async () => {
    const genuine = readPartFile(net.home, 'DE');
    const part = readPart(net.home, 'DE');
    const { version } = part;
    await publishPart(net.home, { ...withMember(part, 'hotline.de', suspended), version });
    for (const name of ['gate.de', 'gate.fr', 'isp.fr'])
      await waitFor('an alarm', async () => faultsOf(name).includes('version-goes-back') || undefined);
    await isDelivered(await honest());
    replacePartFile(net.home, 'DE', genuine);
  });

  it('because a nation speaks in it for a member of another, is not taken', async () => {
    const genuine = readPartFile(net.home, 'FR');
    const { envelope } = await honest(hsm);
    const part = readPart(net.home, 'FR');
    const members = [...part.members, { ...firstMember(readPart(net.home, 'DE')), keys: [hsmKey] }];
    await publishPart(net.home, { ...part, version: part.version + 1, members });
    for (const name of ['gate.de', 'isp.fr'])
      await waitFor('an alarm', async () => faultsOf(name).includes('part-malformed') || undefined);
    expect(await hotline.noticeOn(envelope)).toBe('key-unknown');
    replacePartFile(net.home, 'FR', genuine);
  });
});

describe('without a restart', () => {
  it('a new key is good', async () => {
    expect(await hotline.noticeOn((await honest(hsm)).envelope)).toBe('key-unknown');
    const withKey = withMember(readPart(net.home, 'DE'), 'hotline.de', ({ keys }) => ({
      keys: [...keys, hsmKey],
    }));
    await publishPart(net.home, withKey);
    await untilBothSay(undefined, 'proof-missing', hsm);
    await isDelivered(await honest(hsm));
  });

  it('its signature turned into the other valid one makes the same message, delivered once', async () => {
    const { envelope, messageHash, draft } = await honest(hsm);
    const { protectedHeader, payload, signature } = partsOf(envelope);
    const twin = withSeal(envelope, `${protectedHeader}.${payload}.${twinOf(signature)}`);
    expect(Buffer.from(twin).equals(envelope)).toBe(false);
    for (const [i, form] of [twin, envelope, twin].entries()) {
      await hotline.handIn(form);
      await waitFor('evidence of each', async () => hotline.statementsOn(messageHash)[i]);
    }
    expect(new Set(hotline.statementsOn(messageHash).map(({ evidence }) => evidence))).toEqual(
      new Set(['delivered']),
    );
    for (const nation of ['DE', 'FR']) await hotline.entryBy(nation, messageHash);
    const entries = hotline
      .entriesOn(messageHash)
      .map(({ nation, decidedAtMs }) => `${nation} ${decidedAtMs}`);
    expect(new Set(entries).size).toBe(2);
    expect((await received(net, 'isp.fr')).filter((id) => id === draft.id)).toHaveLength(1);
  });

  it('a revoked key stops at the gate, and at the edge even for what passed both gates before', async () => {
    const onItsWay = await honest(hsm);
    const delivery = await onBothLogs(onItsWay.envelope);
    const revoked = { ...hsmKey, revokedAtMs: Date.now() - 1 };
    await publishPart(
      net.home,
      withMember(readPart(net.home, 'DE'), 'hotline.de', ({ keys }) => ({
        keys: keys.map((key) => (key.kid === revoked.kid ? revoked : key)),
      })),
    );
    await untilBothSay('key-not-valid', 'key-not-valid', hsm);
    expect(await thief.refusalOf('isp.fr', delivery)).toBe('key-not-valid');
    expect(await received(net, 'isp.fr')).not.toContain(onItsWay.draft.id);
    await isDelivered(await honest());
  });

  it('a suspended member stops at the gate, and at the edge even with what passed both gates before', async () => {
    const onItsWay = await honest();
    const delivery = await onBothLogs(onItsWay.envelope);
    await publishPart(net.home, withMember(readPart(net.home, 'DE'), 'hotline.de', suspended));
    await untilBothSay('key-not-valid', 'key-not-valid');
    expect(await thief.refusalOf('isp.fr', delivery)).toBe('key-not-valid');
    expect(await received(net, 'isp.fr')).not.toContain(onItsWay.draft.id);
  });
});

describe('an older directory put back', () => {
  it('brings no suspended member back, not even to a gate that starts anew', async () => {
    const current = readPart(net.home, 'DE');
    const before = withMember({ ...current, version: current.version - 2 }, 'hotline.de', () => ({
      suspendedAtMs: 0,
    }));
    const alarms = (name: string) => faultsOf(name).filter((code) => code === 'version-goes-back').length;
    const [atGate, atEdge] = [alarms('gate.de'), alarms('isp.fr')];
    await publishPart(net.home, before);
    await waitFor('an alarm', async () => alarms('gate.de') > atGate || undefined);
    await waitFor('an alarm', async () => alarms('isp.fr') > atEdge || undefined);
    expect(await hotline.noticeOn((await honest()).envelope)).toBe('key-not-valid');
    expect(await thief.refusalOf('isp.fr', passage((await honest()).envelope, []))).toBe('key-not-valid');

    await net.network.kill('gate.de');
    const restarted = net.network.restart('gate.de');
    const { envelope, messageHash } = await honest();
    await hotline.handIn(envelope);
    // The ledger knows what was adopted, and takes nothing older: the gate waits for a directory that it may work under.
    await waitFor(
      'the refusal of the ledger',
      async () =>
        logLines(net.home, 'gate.de').some(
          ({ err }) => (err as { refusal?: string } | undefined)?.refusal === 'version-goes-back',
        ) || undefined,
    );
    expect(hotline.entriesOn(messageHash)).toEqual([]);
    await publishPart(
      net.home,
      withMember(current, 'hotline.de', () => ({ suspendedAtMs: 0 })),
    );
    await restarted;
    await isDelivered({ envelope, messageHash });
  });
});
