import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatStampRequest, parseWitnessPolicy, readRoots } from '@entente/audit';
import { makeTestTsa, type TestTsa } from '@entente/audit/test-tsa';
import { paths, runProgram, type VerifiedEvidence, verifyEvidence } from '@entente/cli';
import { LIMITS, newId, wire } from '@entente/contract';
import { type Anchors, LIST_FILE, loadAnchors, partFile, signPart } from '@entente/members';
import { createSigner, generateKey, loadSigner, sealStatement } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { attestedChanges } from '../kit/attested-changes.js';
import { type Change, first, header, type Message, withMessage } from '../kit/change-evidence.js';
import { readPart, withMember } from '../kit/directory-part.js';
import { phishingNotice } from '../kit/examples.js';
import { fileChanges } from '../kit/file-changes.js';
import { forgedBy } from '../kit/forge-proof.js';
import { ended } from '../kit/holds.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'];
const PROGRAM = fileURLToPath(import.meta.resolve('@entente/cli')).replace('index.js', 'verify-evidence.mjs');

let net: TestNetwork;
let scratch: string;
let anchors: Anchors;
let caseId: string;
/** Of the sender and the recipient, with what was said. */
let sent: Buffer;
let received: Buffer;
/** Of another case between the same two. */
let other: Message;
let tsa: TestTsa;
let stranger: TestTsa;
/** Whom the reader trusts beside the anchors. */
let beside: NonNullable<Parameters<typeof verifyEvidence>[2]>;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-evidence-'));
  net = await startTestNetwork();
  anchors = await loadAnchors(paths.anchors(net.home.dir));
  const send = async () => {
    const answer = await net.client(FROM).send(phishingNotice(TO));
    await ended(net, answer.id, FROM);
    return answer.case_id;
  };
  caseId = await send();
  received = await net.client(TO).evidenceFile(caseId, true);
  const second = await net.client(FROM).evidenceFile(await send(), true);
  [other] = wire.evidenceFile.decode(second).messages as [Message];
  [tsa, stranger] = [makeTestTsa(), makeTestTsa()];
  const policy = parseWitnessPolicy(readFileSync(paths.witnessPolicy(net.home.dir)));
  // An hour on: what is made while the tests run is not from the future, and what is made of tomorrow is.
  beside = { policy, tsaRoots: readRoots(tsa.roots), nowMs: Date.now() + 3_600_000 };
  sent = stamped(
    await waitFor('both logs to be cosigned', async () => {
      const bytes = await exported();
      return wire.evidenceFile.decode(bytes).checkpoints.length === 2 ? bytes : undefined;
    }),
  );
});
afterAll(async () => {
  tsa?.remove();
  stranger?.remove();
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const printed = capturePrinted();
const stampBy = (authority: TestTsa) => (bytes: Uint8Array) =>
  authority.reply(formatStampRequest(bytes, randomBytes(8)));

/** As `entente evidence export` writes it: with the cosignatures that there are by then. */
async function exported(): Promise<Buffer> {
  const out = join(scratch, 'exported.evidence');
  const args = ['export', caseId, '--member', FROM, '--out', out, '--open', '--home', net.home.dir];
  expect(await runProgram(['evidence', ...args])).toBe(0);
  return readFileSync(out);
}

function stamped(bytes: Uint8Array): Buffer {
  const file = wire.evidenceFile.decode(bytes);
  const checkpoints = file.checkpoints.map((one) => ({ ...one, stamps: [stampBy(tsa)(one.note)] }));
  return Buffer.from(wire.evidenceFile.encode({ ...file, checkpoints }));
}

const faultsOf = ({ findings }: VerifiedEvidence) =>
  findings.filter(({ code }) => code !== 'holds' && code !== 'note').map(({ code }) => code);

describe('an evidence file', () => {
  it('proves at the sender who said what to whom, who let it pass and that it was delivered', async () => {
    const verified = await verifyEvidence(sent, anchors);
    expect(faultsOf(verified)).toEqual([]);
    expect(verified.proved).toBe(true);
    const words = verified.findings.map((finding) => finding.words).join('\n');
    for (const part of ['signed by hotline.de', 'DE decided "permit"', 'FR decided "permit"', '"delivered"'])
      expect(words).toContain(part);
    expect([...verified.said.values()]).toEqual([expect.objectContaining({ category: 'phishing' })]);
  });

  it('proves that the other nation saw no other history, and since when its log had these entries', async () => {
    const verified = await verifyEvidence(sent, anchors, beside);
    expect(faultsOf(verified)).toEqual([]);
    const words = verified.findings.map((finding) => finding.words).join('\n');
    for (const part of [
      'entente.example/witness/fr (FR)',
      'entente.example/witness/de (DE)',
      '"CN=Test authority"',
    ])
      expect(words).toContain(part);
    // Without a policy and roots the same is told, and nothing is asked for.
    expect(faultsOf(await verifyEvidence(sent, anchors))).toEqual([]);
    expect(faultsOf(await verifyEvidence(received, anchors, beside))).toEqual([
      'quorum-missing',
      'quorum-missing',
    ]);
  });

  it('proves at the recipient the same', async () => {
    const verified = await verifyEvidence(received, anchors);
    expect(verified).toMatchObject({ proved: true });
    expect(verified.said.size).toBe(1);
  });

  it('says nothing of what was said where its holder keeps it shut', async () => {
    const shut = await net.client(FROM).evidenceFile(caseId, false);
    const verified = await verifyEvidence(shut, anchors);
    expect(verified.proved).toBe(true);
    expect(verified.said.size).toBe(0);
    expect(shut.includes('phishing-kit')).toBe(false);
    for (const { opened } of wire.evidenceFile.decode(shut).messages) expect(opened).toBeNull();
  });

  it('shows that a refusal was one', async () => {
    const answer = await net.client(FROM).send({ ...phishingNotice(TO), from_role: 'court' });
    await ended(net, answer.id, FROM);
    const verified = await verifyEvidence(await net.client(FROM).evidenceFile(answer.case_id, true), anchors);
    expect(new Set(faultsOf(verified))).toEqual(new Set(['not-proved']));
    expect(verified.findings.map(({ words }) => words).join()).toContain('DE decided "refuse"');
  });

  it('is written for its owner alone, and verified from the command line', async () => {
    const file = join(scratch, 'case.evidence');
    const home = ['--home', net.home.dir];
    // Also where everybody could read what was there before.
    writeFileSync(file, '', { mode: 0o644 });
    expect(
      await runProgram(['evidence', 'export', caseId, '--member', FROM, '--out', file, '--open', ...home]),
    ).toBe(0);
    expect(statSync(file).mode & 0o077).toBe(0);
    const verify = ['evidence', 'verify', file, '--anchors', paths.anchors(net.home.dir)];
    expect(await runProgram([...verify, '--show'])).toBe(0);
    expect(printed.text).toContain('PROVED: everything that this file shows holds.');
    expect(printed.text).toContain('"category": "phishing"');
    const unknown = ['evidence', 'export', newId(), '--member', FROM, '--out', file, ...home];
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(unknown)).toBe(1);
  });

  it('is verified by one file, without anything beside it', () => {
    const dir = mkdtempSync(join(scratch, 'alone-'));
    copyFileSync(PROGRAM, join(dir, 'verify-evidence.mjs'));
    copyFileSync(paths.anchors(net.home.dir), join(dir, 'anchors.json'));
    writeFileSync(join(dir, 'case.evidence'), sent);
    copyFileSync(paths.witnessPolicy(net.home.dir), join(dir, 'policy.txt'));
    writeFileSync(join(dir, 'roots.pem'), tsa.roots);
    const trusting = ['--witness-policy', 'policy.txt', '--tsa-roots', 'roots.pem'];
    const args = ['verify-evidence.mjs', 'case.evidence', 'anchors.json', ...trusting];
    const options = { cwd: dir, encoding: 'utf8', env: {} } as const;
    const text = execFileSync(process.execPath, args, options);
    for (const words of ['PROVED', 'cosigned as the witness policy asks', 'which is trusted here'])
      expect(text).toContain(words);
    writeFileSync(join(dir, 'case.evidence'), sent.subarray(0, -1));
    const broken = spawnSync(process.execPath, args, options);
    expect(broken).toMatchObject({ status: 1, stdout: expect.stringContaining('[frame-malformed]') });
    expect(dirname(PROGRAM)).not.toBe(dir);
  });
});

describe('a manipulated evidence file proves nothing', () => {
  it.each<[string, Change, string]>([
    ...fileChanges(() => other),
    ...attestedChanges(() => ({
      home: net.home,
      stampOf: stampBy(tsa),
      strangersStampOf: stampBy(stranger),
    })),
  ])('%s', async (_what, change, code) => {
    const bytes = wire.evidenceFile.encode(await change(wire.evidenceFile.decode(sent)));
    const verified = await verifyEvidence(bytes, anchors, beside);
    expect(verified.proved).toBe(false);
    expect(faultsOf(verified)).toContain(code);
  });

  it('by another network, or cut off', async () => {
    const strangers = { ...anchors, keys: new Map() };
    expect(faultsOf(await verifyEvidence(sent, strangers))).toEqual(['list-not-trusted']);
    expect(faultsOf(await verifyEvidence(sent.subarray(0, -1), anchors))).toEqual(['frame-malformed']);
  });

  it('with a message that another member, or a stranger, has signed in the name of its sender', async () => {
    const thief = await sealed(net.home, FROM, phishingNotice(TO), { signer: await signerOf(net.home, TO) });
    expect(await faultsWith(thief)).toContain('sender-mismatch');
    const signer = await createSigner(await generateKey('Ed25519'));
    expect(await faultsWith(await sealed(net.home, FROM, phishingNotice(TO), { signer }))).toContain(
      'key-unknown',
    );
  });

  it('with a referral that declared other facts to the gates than it says', async () => {
    const said = { ...phishingNotice(TO).content, retention_days: 9 };
    const liar = await sealed(net.home, FROM, phishingNotice(TO), { text: JSON.stringify(said) });
    expect(await faultsWith(liar, Buffer.from(JSON.stringify(said)))).toContain('facts-mismatch');
  });

  it('with a message whose signer has written into its header what a reader should see', async () => {
    const file = wire.evidenceFile.decode(sent);
    const answer = header(file.messages[1]?.seal ?? new Uint8Array());
    const words = 'PROVED: everything that this file shows holds.\u001b[8m';
    for (const change of [{ id: words }, { caseId: words }, { inReplyTo: words }, { toRole: words }]) {
      const draft = { ...answer, id: newId(), ...change };
      const forged = await sealStatement(
        draft as never,
        answer.statement as never,
        await signerOf(net.home, TO),
      );
      const { seal } = wire.envelope.decode(forged.envelope);
      const bytes = wire.evidenceFile.encode(withMessage({ seal, entries: [], opened: null })(file));
      const verified = await verifyEvidence(bytes, anchors);
      expect(faultsOf(verified)).toEqual(['toRole' in change ? 'header-malformed' : 'id-malformed']);
      expect(JSON.stringify(verified)).not.toContain('PROVED');
    }
    for (const change of [{ caseId: words }, { holder: words }]) {
      const bytes = wire.evidenceFile.encode({ ...file, ...change });
      expect(faultsOf(await verifyEvidence(bytes, anchors))).toEqual(['id-malformed']);
    }
  });

  /** "retrieved" by the recipient, in no log. */
  const retrieved = async (file: wire.EvidenceFileFrame, issuedAtMs: number) => {
    const answer = header(file.messages[1]?.seal ?? new Uint8Array());
    const statement = { ...answer.statement, evidence: 'retrieved', atMs: issuedAtMs };
    const draft = { ...answer, id: newId(), issuedAtMs, expiresAtMs: issuedAtMs + 3_600_000 };
    const made = await sealStatement(draft, statement as never, await signerOf(net.home, TO));
    return { seal: wire.envelope.decode(made.envelope).seal, entries: [], opened: null };
  };

  it('with what was dated back to before its key was revoked, where no entry says when it was', async () => {
    const file = wire.evidenceFile.decode(sent);
    const revokedAtMs = file.madeAtMs - 10;
    const { part, dated } = { part: readPart(net.home, 'FR'), dated: revokedAtMs - 10 };
    const revoked = withMember(part, TO, ({ keys }) => ({
      keys: keys.map((key) => (key.use === 'sig' ? { ...key, revokedAtMs } : key)),
    }));
    const agency = await loadSigner(paths.secret(net.home.dir, 'agency.fr', 'sign.key'));
    const signed = await signPart(revoked, agency);
    const { list, nations } = wire.directoryBundle.decode(file.directory);
    const parts = nations.map((one) => (one.nation === 'FR' ? { ...one, part: signed } : one));
    const directory = wire.directoryBundle.encode({ list, nations: parts });
    const backdated = withMessage(await retrieved(file, dated))({ ...file, directory });
    // Who made the file says when that was: it may be false as well.
    for (const madeAtMs of [file.madeAtMs, dated]) {
      const bytes = wire.evidenceFile.encode({ ...backdated, madeAtMs });
      expect(faultsOf(await verifyEvidence(bytes, anchors))).toEqual(['key-not-valid']);
    }
    // What was logged before is proved still.
    const before = wire.evidenceFile.encode({ ...file, directory });
    expect(faultsOf(await verifyEvidence(before, anchors))).toEqual([]);
  });

  it('but what is in no log counts as said, with a word that nothing proves when', async () => {
    const file = wire.evidenceFile.decode(sent);
    const bytes = wire.evidenceFile.encode(withMessage(await retrieved(file, file.madeAtMs - 10))(file));
    const { proved, findings } = await verifyEvidence(bytes, anchors);
    expect(proved).toBe(true);
    const words = findings.filter(({ code }) => code === 'note').map((note) => note.words);
    expect(words.filter((text) => text.includes('nothing proves when it was sealed'))).toHaveLength(1);
  });

  it.each<[string, Partial<wire.RecordFrame>]>([
    ['a rejection that permits', { event: 'rejection' }],
    ['an adoption that permits', { event: 'adopt-pack' }],
    [
      'a word that is no decision',
      { verdict: { decision: 'allow' } as NonNullable<wire.RecordFrame['verdict']> },
    ],
  ])('with %s, by a ledger that lies', async (_what, lie) => {
    const file = wire.evidenceFile.decode(sent);
    const record = wire.record.decode(file.messages[0]?.entries[0]?.record ?? new Uint8Array());
    const verified = async (change: Partial<wire.RecordFrame>) => {
      const forged = await forgedBy(net.home, 'DE', { ...record, ...change });
      const changed = first(({ entries }) => ({ entries: [forged, ...entries.slice(1)] }))(file);
      return faultsOf(await verifyEvidence(wire.evidenceFile.encode(changed), anchors));
    };
    // The same without the lie is an entry like any other.
    expect(await verified({})).toEqual(expect.not.arrayContaining(['commitment-wrong', 'not-proved']));
    expect(await verified(lie)).toEqual(expect.arrayContaining(['commitment-wrong', 'not-proved']));
  });

  it('with a delivery that somebody else has signed', async () => {
    const file = wire.evidenceFile.decode(sent);
    const about = header(file.messages[0]?.seal ?? new Uint8Array());
    const answer = header(file.messages[1]?.seal ?? new Uint8Array());
    const { statement } = answer;
    const draft = {
      ...answer,
      id: newId(),
      from: FROM,
      fromRole: about.fromRole,
      to: TO,
      toRole: about.toRole,
    };
    const forged = await sealStatement(draft, statement as never, await signerOf(net.home, FROM));
    const { seal } = wire.envelope.decode(forged.envelope);
    const bytes = wire.evidenceFile.encode(withMessage({ seal, entries: [], opened: null })(file));
    expect(faultsOf(await verifyEvidence(bytes, anchors))).toContain('said-by-another');
  });
});

it('a proof without its record holds no longer than its log, as with it', async () => {
  const file = wire.evidenceFile.decode(sent);
  const [entry] = file.messages[0]?.entries ?? [];
  if (!entry) throw new Error('the file holds no entry');
  const { timeMs } = wire.leaf.decode(entry.leaf);
  const { list, nations } = wire.directoryBundle.decode(file.directory);
  const dir = mkdtempSync(join(scratch, 'ended-'));
  const agency = await loadSigner(paths.secret(net.home.dir, 'agency.de', 'sign.key'));
  const verified = async (proof: wire.EntryFrame, validUntilMs: number) => {
    const own = readPart(net.home, 'DE');
    const ledgers = own.ledgers.map((ledger) => ({ ...ledger, validUntilMs }));
    writeFileSync(join(dir, LIST_FILE), list);
    for (const { nation, part } of nations) writeFileSync(join(dir, partFile(nation)), part);
    writeFileSync(join(dir, partFile('DE')), await signPart({ ...own, ledgers }, agency));
    const path = join(dir, 'proof');
    writeFileSync(path, Buffer.from(wire.entry.encode(proof)).toString('base64'));
    const who = ['--directory', dir, '--anchors', paths.anchors(net.home.dir)];
    return await runProgram(['proof', 'verify', path, ...who]);
  };
  const bare = { ...entry, salt: new Uint8Array(), record: new Uint8Array() };
  for (const proof of [entry, bare]) {
    expect(await verified(proof, timeMs + 1)).toBe(0);
    expect(await verified(proof, timeMs - LIMITS.skewMs)).toBe(1);
  }
  expect(printed.text).toContain('its record is not with it');
});

async function faultsWith(
  { envelope, draft, salt }: Awaited<ReturnType<typeof sealed>>,
  content?: Uint8Array,
): Promise<string[]> {
  const { seal } = wire.envelope.decode(envelope);
  const file = wire.evidenceFile.decode(sent);
  const message = { seal, entries: [], opened: content ? { salt, content } : null };
  const bytes = wire.evidenceFile.encode({ ...file, caseId: draft.caseId, messages: [message] });
  return faultsOf(await verifyEvidence(bytes, anchors));
}
