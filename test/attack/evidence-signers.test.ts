import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths, runProgram, type VerifiedEvidence, verifyEvidence } from '@entente/cli';
import { LIMITS, newId, wire } from '@entente/contract';
import { type Anchors, LIST_FILE, loadAnchors, partFile, signPart } from '@entente/members';
import { createSigner, generateKey, loadSigner, sealStatement } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { first, header, withMessage } from '../kit/change-evidence.js';
import { readPart, withMember } from '../kit/directory-part.js';
import { phishingNotice } from '../kit/examples.js';
import { forgedBy } from '../kit/forge-proof.js';
import { ended } from '../kit/holds.js';
import { sealed, signerOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'];

let net: TestNetwork;
let scratch: string;
let anchors: Anchors;
/** Of the sender. */
let sent: Uint8Array;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-evidence-'));
  net = await startTestNetwork();
  anchors = await loadAnchors(paths.anchors(net.home.dir));
  const answer = await net.client(FROM).send(phishingNotice(TO));
  await ended(net, answer.id, FROM);
  sent = await net.client(FROM).evidenceFile(answer.case_id, true);
});
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const printed = capturePrinted();
const faultsOf = ({ findings }: VerifiedEvidence) =>
  findings.filter(({ code }) => code !== 'holds' && code !== 'note').map(({ code }) => code);

describe('an evidence file proves nothing of what somebody who has a key has made for it:', () => {
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
      const bytes = wire.evidenceFile.encode(
        withMessage({ seal, entries: [], opened: null, justification: null })(file),
      );
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
    return { seal: wire.envelope.decode(made.envelope).seal, entries: [], opened: null, justification: null };
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
    const honest = await verified({});
    for (const code of ['commitment-wrong', 'not-proved']) expect(honest).not.toContain(code);
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
    const bytes = wire.evidenceFile.encode(
      withMessage({ seal, entries: [], opened: null, justification: null })(file),
    );
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
