import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths, runProgram, type VerifiedEvidence, verifyEvidence } from '@entente/cli';
import { newId, wire } from '@entente/contract';
import { type Anchors, loadAnchors } from '@entente/members';
import { createSigner, generateKey, sealStatement } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'];
const PROGRAM = fileURLToPath(import.meta.resolve('@entente/cli')).replace('index.js', 'verify-evidence.mjs');

type File = wire.EvidenceFileFrame;
type Message = File['messages'][number];
type Entry = Message['entries'][number];

let net: TestNetwork;
let scratch: string;
let anchors: Anchors;
let caseId: string;
/** Of the sender and the recipient, with what was said. */
let sent: Buffer;
let received: Buffer;
/** Of another case between the same two. */
let other: Message;

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
  sent = await net.client(FROM).evidenceFile(caseId, true);
  received = await net.client(TO).evidenceFile(caseId, true);
  const second = await net.client(FROM).evidenceFile(await send(), true);
  [other] = wire.evidenceFile.decode(second).messages as [Message];
}, 60_000);
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const printed = capturePrinted();

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
    const args = ['verify-evidence.mjs', 'case.evidence', 'anchors.json'];
    const options = { cwd: dir, encoding: 'utf8', env: {} } as const;
    expect(execFileSync(process.execPath, args, options)).toContain('PROVED');
    writeFileSync(join(dir, 'case.evidence'), sent.subarray(0, -1));
    const broken = spawnSync(process.execPath, args, options);
    expect(broken).toMatchObject({ status: 1, stdout: expect.stringContaining('[frame-malformed]') });
    expect(dirname(PROGRAM)).not.toBe(dir);
  });
});

const flip = (bytes: Uint8Array, at = 0): Uint8Array => {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
/** One letter of a compact form for another one, at a place counted from the end. */
const letter = (text: Uint8Array, fromEnd: number): Uint8Array => {
  const copy = Buffer.from(text);
  const at = copy.length - fromEnd;
  copy[at] = copy[at] === 0x41 ? 0x42 : 0x41;
  return copy;
};
const inText = (bytes: Uint8Array, from: RegExp, to: (...parts: string[]) => string): Uint8Array =>
  Buffer.from(Buffer.from(bytes).toString('utf8').replace(from, to));

const first = (change: (message: Message) => Partial<Message>) => (file: File) => ({
  ...file,
  messages: file.messages.map((message, i) => (i === 0 ? { ...message, ...change(message) } : message)),
});
const entry = (change: (entry: Entry) => Partial<Entry>) =>
  first(({ entries }) => ({
    entries: entries.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one)),
  }));
const opened = (change: (body: wire.BodyFrame) => Partial<wire.BodyFrame>) =>
  first((message) => {
    const body = message.opened ?? { salt: new Uint8Array(), content: new Uint8Array() };
    return { opened: { ...body, ...change(body) } };
  });
const part = (nation: string, change: (bytes: Uint8Array) => Uint8Array | null) => (file: File) => {
  const { list, nations } = wire.directoryBundle.decode(file.directory);
  const changed = nations.flatMap((one) => {
    const bytes = one.nation === nation ? change(one.part) : one.part;
    return bytes ? [{ nation: one.nation, part: bytes }] : [];
  });
  return { ...file, directory: wire.directoryBundle.encode({ list, nations: changed }) };
};
const list = (change: (bytes: Uint8Array) => Uint8Array) => (file: File) => {
  const bundle = wire.directoryBundle.decode(file.directory);
  return { ...file, directory: wire.directoryBundle.encode({ ...bundle, list: change(bundle.list) }) };
};
const withMessage = (message: Message) => (file: File) => ({
  ...file,
  messages: [...file.messages, message],
});

describe('a manipulated evidence file proves nothing', () => {
  it.each<[string, (file: File) => Parameters<typeof wire.evidenceFile.encode>[0], string]>([
    ['another format', (file) => ({ ...file, format: 2 }), 'frame-malformed'],
    ['no messages', (file) => ({ ...file, messages: [] }), 'frame-malformed'],
    ['another case', (file) => ({ ...file, caseId: '0'.repeat(32) }), 'case-unknown'],
    ['a list of nations with a broken signature', list((bytes) => letter(bytes, 9)), 'list-not-trusted'],
    ["a nation's part with a broken signature", part('FR', (bytes) => letter(bytes, 9)), 'part-not-trusted'],
    ["a nation's part in place of another's", (file) => swapParts(file), 'part-not-trusted'],
    ['a directory without a nation', part('FR', () => null), 'checkpoint-wrong-origin'],
    ['no directory', (file) => ({ ...file, directory: new Uint8Array() }), 'list-not-trusted'],
    ['a signature with another bit', first(({ seal }) => ({ seal: letter(seal, 9) })), 'signature-wrong'],
    ['a header with another letter', first(({ seal }) => ({ seal: letter(seal, 120) })), 'signature-wrong'],
    ['a seal that is none', first(() => ({ seal: Buffer.from('no seal') })), 'seal-malformed'],
    ['another leaf', entry(({ leaf }) => ({ leaf: flip(leaf, -1) })), 'inclusion-invalid'],
    ['another salt of a record', entry(({ salt }) => ({ salt: flip(salt) })), 'commitment-wrong'],
    ['another record', entry(({ record }) => ({ record: flip(record, -1) })), 'commitment-wrong'],
    [
      'a checkpoint with another root',
      entry(({ proof }) => ({ proof: root(proof) })),
      'note-signature-invalid',
    ],
    [
      'a checkpoint of another log',
      entry(({ proof }) => ({ proof: origin(proof) })),
      'checkpoint-wrong-origin',
    ],
    ['another place in the log', entry(({ proof }) => ({ proof: index(proof) })), 'inclusion-invalid'],
    ['a proof that is none', entry(() => ({ proof: Buffer.from('none') })), 'proof-malformed'],
    ['the entries of another message', first(() => ({ entries: other.entries })), 'commitment-wrong'],
    ['no entry of the first gate', first(({ entries }) => ({ entries: entries.slice(1) })), 'not-proved'],
    ['no entry of the second gate', first(({ entries }) => ({ entries: entries.slice(0, 1) })), 'not-proved'],
    [
      'other words',
      opened(({ content }) => ({ content: inText(content, /phishing/, () => 'fraud') })),
      'commitment-mismatch',
    ],
    ['another salt of what was said', opened(({ salt }) => ({ salt: flip(salt) })), 'commitment-mismatch'],
    ['a shorter salt', opened(({ salt }) => ({ salt: salt.subarray(1) })), 'commitment-mismatch'],
    ['what another message said', first(() => ({ opened: other.opened })), 'commitment-mismatch'],
    ['a message of another case', (file) => withMessage(other)(file), 'case-unknown'],
    ['a message twice', (file) => withMessage(file.messages[0] as Message)(file), 'message-twice'],
    [
      'an answer without its question',
      (file) => ({ ...file, messages: file.messages.slice(1) }),
      'about-unknown',
    ],
  ])('%s', async (_what, change, code) => {
    const bytes = wire.evidenceFile.encode(change(wire.evidenceFile.decode(sent)));
    const verified = await verifyEvidence(bytes, anchors);
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

function header(seal: Uint8Array): wire.HeaderFrame {
  const payload = Buffer.from(seal).toString('latin1').split('.')[1] ?? '';
  return wire.header.decode(Buffer.from(payload, 'base64url'));
}

function swapParts(file: File) {
  const { nations } = wire.directoryBundle.decode(file.directory);
  const of = (code: string) => nations.find(({ nation }) => nation === code)?.part ?? new Uint8Array();
  return part('FR', () => of('DE'))(file);
}

/** The lines of a tlog-proof after its empty one are the checkpoint: origin, size, root. */
function root(proof: Uint8Array): Uint8Array {
  return inText(
    proof,
    /(\n\n[^\n]+\n[0-9]+\n)(.)/,
    (_all = '', before = '', one = '') => `${before}${one === 'A' ? 'B' : 'A'}`,
  );
}

function origin(proof: Uint8Array): Uint8Array {
  return inText(proof, /\n\n[^\n]+\n/, () => '\n\nanother.example/xx/2026\n');
}

function index(proof: Uint8Array): Uint8Array {
  return inText(proof, /index (\d+)/, (_all = '', at = '') => `index ${at === '0' ? 1 : Number(at) - 1}`);
}
