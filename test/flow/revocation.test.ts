import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { partFile, signPart } from '@entente/members';
import { loadSigner } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

type Part = wire.NationPartFrame;

/** What an agency does: change its part, raise the version, sign, publish. */
async function publish(change: (part: Part) => Part, signedBy = 'agency.de'): Promise<Uint8Array> {
  const file = join(paths.directory(net.home.dir), partFile('DE'));
  const before = readFileSync(file);
  const payload =
    Buffer.from(wire.signedPart.decode(before).seals[0] ?? [])
      .toString('latin1')
      .split('.')[1] ?? '';
  const part = change(wire.nationPart.decode(Buffer.from(payload, 'base64url')));
  const signer = await loadSigner(paths.secret(net.home.dir, signedBy, 'sign.key'));
  writeFileSync(file, await signPart(part, signer));
  return before;
}

const suspended = (member: string, version: number, atMs: number) => (part: Part) => ({
  ...part,
  version,
  members: part.members.map((one) => (one.id === member ? { ...one, suspendedAtMs: atMs } : one)),
});

async function send(from: string) {
  const client = net.client(from);
  const { id } = await client.send({
    ...phishingNotice('isp.fr'),
    from_role: from.startsWith('hotline') ? 'hotline' : 'hosting',
  });
  return await waitFor('an outcome', async () => {
    const message = await client.message(id);
    return message.outcome === '' ? undefined : message;
  });
}

/** Until the services have looked at the folder again; they do so every two seconds. */
async function untilOutcome(wanted: string) {
  return await waitFor(`the outcome ${wanted}`, async () => {
    const message = await send('hotline.de');
    return message.outcome === wanted ? message : undefined;
  });
}

describe('a new version of the directory, without a restart', () => {
  it('stops a suspended member, is not undone by the old version, and lets the member back in by a newer one', async () => {
    expect((await send('hotline.de')).outcome).toBe('delivered');

    const old = await publish(suspended('hotline.de', 2, Date.now() - 1000));
    const refused = await untilOutcome('refused');
    expect(refused.code).toBe('key-not-valid');

    writeFileSync(join(paths.directory(net.home.dir), partFile('DE')), old);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect((await send('hotline.de')).outcome).toBe('refused');

    await publish(suspended('hotline.de', 3, 0), 'agency.fr');
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect((await send('hotline.de')).outcome).toBe('refused');

    await publish(suspended('hotline.de', 4, 0));
    expect((await untilOutcome('delivered')).outcome).toBe('delivered');
  });

  it('stops a revoked key', async () => {
    await publish((part) => ({
      ...part,
      version: 5,
      members: part.members.map((member) =>
        member.id === 'hotline.de'
          ? {
              ...member,
              keys: member.keys.map((key) =>
                key.use === 'sig' ? { ...key, revokedAtMs: Date.now() - 1000 } : key,
              ),
            }
          : member,
      ),
    }));
    const refused = await untilOutcome('refused');
    expect(refused.code).toBe('key-not-valid');
  });
});
