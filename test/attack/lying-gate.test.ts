import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseProof } from '@entente/audit';
import {
  auditLog,
  buildPack,
  chooseLog,
  chooseLogs,
  openDirectory,
  paths,
  readChanges,
  reconcile,
  replayLog,
  runProgram,
} from '@entente/cli';
import { wire } from '@entente/contract';
import { packFile, signedPackFile, signPack } from '@entente/members';
import { bundlePack, packsDir } from '@entente/policy';
import { loadSigner } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishPart, readPart, replaceAgencyKey } from '../kit/directory-part.js';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { appendAs, type Claimed, logAs } from '../kit/log-as.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'] as const;
let net: TestNetwork;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-lies-'));
  net = await startTestNetwork();
});
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});
const printed = capturePrinted();

const logOf = (nation: string) => chooseLog({ home: net.home.dir, nation });
const verify = async (nation: string) => await auditLog(logOf(nation), { verdicts: true });

/** What an audit finds that it had not found before. */
const added = async (nation: string, work: () => Promise<unknown>) => {
  const before = (await verify(nation)).faults.length;
  await work();
  return (await verify(nation)).faults.slice(before).map(({ code }) => code);
};
const adoptions = async (nation: string) =>
  (await readChanges(logOf(nation))).changes.filter(({ event }) => event === 'adopt-directory').length;
const agencyOf = async (nation: string) =>
  await loadSigner(paths.secret(net.home.dir, `agency.${nation.toLowerCase()}`, 'sign.key'));

// First: the logs agree until one of these, and no longer.
describe('a gate that lies', () => {
  const forged = async (change: Parameters<typeof sealed>[3], from = FROM) =>
    (await sealed(net.home, from, phishingNotice(TO), change)).envelope;

  it('cannot log a message whose signature does not hold', async () => {
    const { seal, body } = wire.envelope.decode(await forged({}));
    const text = Buffer.from(seal).toString('latin1');
    const [head = '', payload = '', signature = ''] = text.split('.');
    const broken = Buffer.from(signature, 'base64url');
    broken[5] = (broken[5] ?? 0) ^ 1;
    const bad = Buffer.from(`${head}.${payload}.${broken.toString('base64url')}`, 'latin1');
    const envelope = wire.envelope.encode({ seal: bad, body });
    const found = await added('DE', async () => await logAs(net.home, 'DE', envelope, { stage: 'leave' }));
    expect(found).toContain('signature-wrong');
  });

  it('cannot log a message that another member has signed', async () => {
    const envelope = await forged({ signer: await signerOf(net.home, TO) });
    const found = await added('DE', async () => await logAs(net.home, 'DE', envelope, { stage: 'leave' }));
    expect(found).toContain('sender-mismatch');
  });

  it('cannot decide under a directory that was not adopted', async () => {
    const envelope = await forged({});
    const record = { directorySha256: Buffer.alloc(32, 7) };
    // The ledger refuses it too, so that this can only come from a ledger that lies with its gate.
    await expect(logAs(net.home, 'DE', envelope, { stage: 'leave', record })).rejects.toThrow(
      'adoption-stale',
    );
  });

  it('cannot let pass what never arrives', async () => {
    const envelope = await forged({});
    await logAs(net.home, 'DE', envelope, { stage: 'leave' });
    const sources = chooseLogs({ home: net.home.dir });
    expect((await reconcile(sources)).disagreements).toEqual([]);
    const { id } = await net.client(FROM).send(phishingNotice(TO));
    await ended(net, id, FROM);
    const { disagreements } = await reconcile(sources, { relayMs: 1 });
    expect(disagreements).toContainEqual(expect.objectContaining({ nation: 'DE', code: 'never-arrived' }));
  });

  it('cannot let in what never left', async () => {
    const envelope = await forged({});
    await logAs(net.home, 'FR', envelope, { stage: 'enter' });
    const { disagreements } = await reconcile(chooseLogs({ home: net.home.dir }));
    expect(disagreements).toMatchObject([{ nation: 'FR', code: 'arrived-without-leaving' }]);
    expect(await runProgram(['audit', 'reconcile', '--home', net.home.dir])).toBe(1);
    expect(printed.text).toContain('THE LOGS DO NOT AGREE.');
  });
});

describe('a gate that lies is found, whatever it had its ledger write', () => {
  const input = { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] };
  const hold = { decision: 'hold', awaits: ['court@DE'], holdMinutes: 60 };
  const approvals = [{ role: 'court', nation: 'DE' }];

  it.each<[string, Partial<Claimed>, string]>([
    ['a permit that no rule gave', { record: { input } }, 'verdict-differs'],
    ['a hold that no rule asked for', { record: { verdict: hold, input } }, 'verdict-differs'],
    ['a permit without its question', {}, 'record-unreadable'],
    ['a referral passed as evidence', { event: 'evidence' }, 'kind-mismatch'],
    ['a release that nobody gave', { record: { input: { ...input, approvals } } }, 'approval-not-logged'],
    [
      'a decision on a day that suits it',
      { record: { input, decidedAtMs: Date.parse('2026-03-01') } },
      'decided-at-another-time',
    ],
  ])('%s', async (_what, claimed, code) => {
    const before = (await replayLog(logOf('DE'))).faults.length;
    const { envelope } = await sealed(net.home, FROM, phishingNotice(TO));
    const { proof } = await logAs(net.home, 'DE', envelope, { stage: 'leave', ...claimed });
    const { faults } = await replayLog(logOf('DE'));
    expect(faults.slice(before).map((fault) => fault.code)).toContain(code);
    expect(faults.at(-1)?.index).toBe(parseProof(proof).index);
  });
});

describe('a gate whose pack is signed with a key that was revoked since', () => {
  it('cannot decide by it any more; an honest one waits until its agency has signed again', async () => {
    const before = await adoptions('FR');
    const signer = await replaceAgencyKey(net.home, 'FR');
    await waitFor('its adoption', async () => ((await adoptions('FR')) > before ? true : undefined));
    const { id } = await net.client(FROM).send(phishingNotice(TO));
    const { envelope } = await sealed(net.home, FROM, phishingNotice(TO));
    const input = { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] };
    const lie = async () => await logAs(net.home, 'FR', envelope, { stage: 'enter', record: { input } });
    expect(await added('FR', lie)).toContain('pack-key-not-valid');
    expect(printed.text).not.toContain('pack-key-not-valid');
    expect(await runProgram(['audit', 'verify', '--home', net.home.dir, '--nation', 'FR'])).toBe(1);
    expect(printed.text).toContain('pack-key-not-valid');
    const out = join(paths.packs(net.home.dir), packFile('FR'));
    const again = async () => {
      await buildPack({ nation: 'FR', signer, out });
      expect((await ended(net, id, FROM)).outcome).toBe('delivered');
    };
    expect(await added('FR', again)).not.toContain('pack-key-not-valid');
  });
});

// Last: no honest gate goes on after what it makes the ledger believe.
describe('a gate that lies about what it decides by', () => {
  let version = 90;
  const adopt = async (event: string, sha256: Uint8Array, versions: { part: string; version: number }[]) => {
    const adoption = { sha256, versions };
    const record = wire.record.encode({ nation: 'DE', event, adoption, decidedAtMs: Date.now() });
    expect((await appendAs(net.home, 'DE', record)).refusal).toBe('');
  };

  it('cannot adopt an old directory as a new one', async () => {
    const [before, adopted] = [await openDirectory(net.home), await adoptions('DE')];
    const part = readPart(net.home, 'DE');
    await publishPart(net.home, { ...part, version: part.version + 1 });
    const { id } = await net.client(FROM).send(phishingNotice(TO));
    await ended(net, id, FROM);
    await waitFor('its adoption', async () => ((await adoptions('DE')) > adopted ? true : undefined));
    const versions = before.versions.map(({ part, version }) => ({ part, version: version + 5 }));
    const found = await added('DE', async () => await adopt('adopt-directory', before.sha256, versions));
    expect(found).toContain('versions-differ');
  });

  it.each<[string, (bundle: Uint8Array) => Promise<Uint8Array | null>, string]>([
    [
      'that another agency has signed',
      async (bundle) => await signPack(bundle, await agencyOf('FR')),
      'pack-not-signed',
    ],
    [
      'under the name of another that was signed',
      async () => await signPack(bundlePack(packsDir, 'DE', 91).bytes, await agencyOf('DE')),
      'pack-not-signed',
    ],
    [
      'under another version than was signed',
      async (bundle) => {
        const older = wire.packBundle.encode({ ...wire.packBundle.decode(bundle), version: 3 });
        return await signPack(older, await agencyOf('DE'));
      },
      'versions-differ',
    ],
    ['that nobody can show', async () => null, 'pack-missing'],
    [
      'but one that its agency has signed',
      async (bundle) => await signPack(bundle, await agencyOf('DE')),
      '',
    ],
  ])('cannot adopt a pack %s', async (_what, sign, code) => {
    version += 1;
    const own = version;
    const rules = mkdtempSync(join(scratch, 'rules-'));
    cpSync(packsDir, rules, { recursive: true });
    appendFileSync(join(rules, 'de', 'blocking.cedar'), `\n// Another ${own}.\n`);
    const { bytes, pack } = bundlePack(rules, 'DE', own);
    const signed = await sign(bytes);
    const [archive = ''] = logOf('DE').archive;
    if (signed)
      for (const name of [`${pack.sha256}.pack`, signedPackFile(pack.sha256, own)])
        writeFileSync(join(archive, name), signed);
    const found = await added(
      'DE',
      async () =>
        await adopt('adopt-pack', Buffer.from(pack.sha256, 'hex'), [{ part: 'pack', version: own }]),
    );
    expect(found).toEqual(code === '' ? [] : [code]);
    const codes = (await replayLog(logOf('DE'))).faults.map((fault) => fault.code);
    if (code !== '') expect(codes).toContain(code);
  });
});
