import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  auditLog,
  buildPack,
  chooseLogs,
  type LogSource,
  paths,
  runProgram,
  verifyLedgers,
} from '@entente/cli';
import { packFile, signPack } from '@entente/members';
import { bundlePack, packsDir } from '@entente/policy';
import { loadSigner } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceAgencyKey } from '../kit/directory-part.js';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { addRule, changePack, type EditPack, linesOf, publishPack } from '../kit/packs.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

const send = async () => (await net.client('hotline.de').send(phishingNotice('isp.fr'))).id;

const outcome = async (id: string) => await ended(net, id, 'hotline.de');

const comment: EditPack = (dir) =>
  appendFileSync(join(dir, 'de', 'blocking.cedar'), '\n// A remark changes what the hash names.\n');

const alarms = () => linesOf(net.home, 'DE').filter(({ message }) => String(message).startsWith('ALARM'));

describe('a nation changes its rules while messages are on their way', () => {
  it('without losing one or stopping', async () => {
    const ids: string[] = [];
    const sending = (async () => {
      for (let i = 0; i < 60; i++) ids.push(await send());
    })();
    const first = await changePack(net.home, 'DE', comment);
    expect(first.version).toBe(2);
    await sending;
    const more = await Promise.all([send(), send(), send()]);
    const ends = await Promise.all([...ids, ...more].map(outcome));
    expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => 'delivered'));
    expect(existsSync(join(paths.archive(net.home.dir, 'DE'), `${first.pack.sha256}.pack`))).toBe(true);
  });

  it('and the next message is decided by the new ones', async () => {
    await changePack(
      net.home,
      'DE',
      addRule(
        'test-pause',
        '@basis("practice: a pause") @says("Nothing leaves.") forbid (principal, action, resource) when { context.stage == Stage::"leave" };',
      ),
    );
    expect(await outcome(await send())).toMatchObject({ outcome: 'refused' });
    await changePack(net.home, 'DE');
    expect(await outcome(await send())).toMatchObject({ outcome: 'delivered' });
  });
});

describe('a pack that the nation did not sign so', () => {
  const file = () => join(paths.packs(net.home.dir), packFile('DE'));
  const keyOf = async (nation: string) =>
    await loadSigner(paths.secret(net.home.dir, `agency.${nation.toLowerCase()}`, 'sign.key'));
  /** At once: a gate that looks meanwhile would tell of a part of it. */
  const put = (bytes: Uint8Array | string) => {
    writeFileSync(`${file()}.new`, bytes);
    renameSync(`${file()}.new`, file());
  };
  const build = async (signer: string, version: number, nation = 'DE') =>
    put(await signPack(bundlePack(packsDir, nation, version).bytes, await keyOf(signer)));

  it.each<[string, () => Promise<unknown>, string]>([
    ['is signed by another nation', () => build('FR', 90), 'not signed by its agency'],
    ["is another nation's", () => build('DE', 91, 'FR'), 'not of DE'],
    ['is older', () => build('DE', 1), 'was taken before'],
    ['is garbage', async () => put('garbage'), 'not signed by its agency'],
    [
      'has another content under the version in use',
      () => publishPack(net.home, 'DE', comment, { version: 4 }),
      'without a new version',
    ],
  ])('is told once and not taken if it %s', async (_what, publish, words) => {
    const before = alarms().length;
    await publish();
    await waitFor('the alarm', async () => (alarms().length > before ? true : undefined));
    expect(JSON.stringify(alarms().at(-1))).toContain(words);
    expect(await outcome(await send())).toMatchObject({ outcome: 'delivered' });
    expect(alarms().length).toBe(before + 1);
  });

  it('stops a gate that starts, and the messages wait for the right one', async () => {
    await net.network.kill('gate.de');
    const id = await send();
    await build('FR', 92);
    await expect(net.network.restart('gate.de')).rejects.toThrow('not signed by its agency');
    await buildPack({ nation: 'DE', signer: await keyOf('DE'), out: file(), version: 93 });
    await net.network.restart('gate.de');
    expect(await outcome(id)).toMatchObject({ outcome: 'delivered' });
  });

  it('is not taken after a restart either if an older one was adopted', async () => {
    await net.network.kill('gate.de');
    await publishPack(net.home, 'DE', comment, { version: 3 });
    const restarted = net.network.restart('gate.de').catch(() => undefined);
    await waitFor('the alarm', async () =>
      alarms().find((line) => JSON.stringify(line).includes('version-goes-back')),
    );
    const id = await send();
    await publishPack(net.home, 'DE', undefined, { version: 94 });
    await restarted;
    expect(await outcome(id)).toMatchObject({ outcome: 'delivered' });
  });
});

describe('a key of the agency that is revoked', () => {
  it('ends what it has signed: messages wait until the agency has signed again', async () => {
    const signer = await replaceAgencyKey(net.home, 'DE');
    await waitFor('the alarm', async () =>
      alarms().find((line) => JSON.stringify(line).includes('does not hold any more')),
    );
    const id = await send();
    const waiting = await net.client('hotline.de').message(id);
    await buildPack({ nation: 'DE', signer, out: join(paths.packs(net.home.dir), packFile('DE')) });
    expect(await outcome(id)).toMatchObject({ outcome: 'delivered' });
    expect(waiting.state).not.toBe('ended');
  });
});

it('is checked by the command that an agency has', async () => {
  const { dir } = net.home;
  const check = ['--directory', paths.directory(dir), '--anchors', paths.anchors(dir), '--json'];
  expect(await runProgram(['policy', 'check', join(paths.packs(dir), packFile('DE')), ...check])).toBe(0);
});

it('leaves logs that verify, in which each pack was signed by a key of its day', async () => {
  expect((await verifyLedgers(net.home)).map(({ faults }) => faults)).toEqual([[], []]);
  const [log] = chooseLogs({ home: net.home.dir, nation: 'DE' });
  const { faults, decided } = await auditLog(log as LogSource, { verdicts: true });
  expect(faults).toEqual([]);
  expect(decided?.others['adopt-pack']).toBeGreaterThan(3);
});
