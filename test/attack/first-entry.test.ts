import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples, phishingNotice } from '../kit/examples.js';
import { sealed } from '../kit/hostile.js';
import { logAs } from '../kit/log-as.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { received } from '../kit/state.js';
import { type Tap, tapMember } from '../kit/tap.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
let sender: Tap;
beforeAll(async () => {
  net = await startTestNetwork(undefined, ['hotline.de']);
  sender = await tapMember(net, 'hotline.de');
});
afterAll(async () => {
  await sender?.close();
  await net?.stop();
});

const namesTheVictim = () => {
  const example = examples().find(({ file }) => file.startsWith('19-refused'));
  if (!example) throw new Error('the example that names a victim is gone');
  return { ...example.submission, to: 'isp.fr' };
};

// As if the gate had died after the ledger's answer, and had come back with another pack.
describe('a crash between append and forward, with the pack changed in between', () => {
  it('acts on the permit that is logged, and the other nation still decides for itself', async () => {
    const { envelope, messageHash, draft } = await sealed(net.home, 'hotline.de', namesTheVictim());
    await logAs(net.home, 'DE', envelope, { stage: 'leave', decision: 'permit' });
    await sender.handIn(envelope);
    expect((await sender.entryBy('DE', messageHash)).verdict?.decision).toBe('permit');
    const { verdict } = await sender.entryBy('FR', messageHash);
    expect(verdict?.decision).toBe('refuse');
    expect(verdict?.rules.map(({ id }) => id)).toContain('victim-not-to-provider');
    expect(await received(net, 'isp.fr')).not.toContain(draft.id);
  });

  it('never turns a logged refusal into a passage', async () => {
    const { envelope, messageHash, draft } = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
    await logAs(net.home, 'DE', envelope, { stage: 'leave', decision: 'refuse' });
    await sender.handIn(envelope);
    expect((await sender.entryBy('DE', messageHash)).verdict?.decision).toBe('refuse');
    const later = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
    await sender.handIn(later.envelope);
    await waitFor('a later message to arrive', async () =>
      (await received(net, 'isp.fr')).includes(later.draft.id) ? true : undefined,
    );
    expect(await received(net, 'isp.fr')).not.toContain(draft.id);
    expect(sender.entriesOn(messageHash).every(({ nation }) => nation === 'DE')).toBe(true);
  });

  it('gives every repeat the same entry', async () => {
    const { envelope, messageHash } = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
    for (let i = 0; i < 3; i++) await sender.handIn(envelope);
    await waitFor('three answers', async () =>
      sender.entriesOn(messageHash).filter(({ nation }) => nation === 'DE').length >= 3 ? true : undefined,
    );
    const entries = sender.entriesOn(messageHash).filter(({ nation }) => nation === 'DE');
    expect(new Set(entries.map(({ decidedAtMs }) => decidedAtMs)).size).toBe(1);
  });
});
