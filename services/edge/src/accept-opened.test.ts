import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { computeFacts, newId, parseContent, type Submission, wire } from '@entente/contract';
import {
  commitmentOf,
  generateKey,
  importPublicKey,
  loadDecrypter,
  publicJwk,
  readUnverifiedHeader,
  sealOpened,
  sealReferral,
  sealStatement,
  writeKeyFile,
} from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptOpened } from './accept-opened.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Edge } from './state.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const CONTENT = Buffer.from(JSON.stringify(submission.content));
const [WHY, SALT] = [Buffer.from('file 17/26'), Buffer.alloc(16, 5)];
const OTHER = Buffer.from('file 18/26');

let own: TestEdge;
let edge: Edge;
let draft: Parameters<typeof sealStatement>[0];
let recipient: Awaited<ReturnType<typeof importPublicKey>>;
beforeEach(async () => {
  own = await testEdge('auditor.de');
  const jwk = await generateKey('X25519');
  const file = join(own.dir, 'auditor.jwk');
  await writeKeyFile(file, jwk);
  edge = { ...own.edge, decrypters: [await loadDecrypter(file)] };
  recipient = await importPublicKey(JSON.stringify(publicJwk(jwk)), {
    ...{ kid: jwk.kid as string, use: 'enc', alg: jwk.alg as string },
  });
  draft = {
    ...{ profile: edge.profile, id: newId(), caseId: newId(), inReplyTo: '', actor: `pn:${'a'.repeat(32)}` },
    ...{ from: 'police.de', fromRole: 'police', to: 'isp.de', toRole: 'hosting' },
    ...{ issuedAtMs: edge.now(), expiresAtMs: edge.now() + 1000 },
  };
});
afterEach(() => own.close());

/** A message of a member, as it stands in the log. */
async function inLog(justificationCommitment: Uint8Array) {
  const facts = computeFacts(parseContent(CONTENT));
  const keys = { signer: edge.signer, recipient };
  const sealed = await sealReferral({ ...draft, justificationCommitment }, CONTENT, facts, keys);
  const { seal } = wire.envelope.decode(sealed.envelope);
  return { ...sealed, seal, content: { salt: sealed.salt, content: CONTENT } };
}

/** What an auditor's edge makes of an answer, of whatever another edge chooses to open. */
async function shown(
  { messageHash, seal }: { readonly messageHash: Uint8Array; readonly seal: Uint8Array },
  opened: Partial<wire.EvidenceMessageFrame>,
) {
  const [id, nowMs] = [newId(), edge.now()];
  const asked = { id, member: 'police.de', caseId: draft.caseId, messageId: draft.id, messageHash };
  edge.inspections.ask({ ...asked, reason: 'sample', createdMs: nowMs });
  const about = [{ messageId: draft.id, messageHash, code: '' }];
  const answer = { ...draft, id: newId(), inReplyTo: id, to: 'auditor.de', toRole: 'auditor' };
  const frame = { seal, entries: [], opened: null, justification: null, ...opened };
  const statement = { atMs: nowMs, about, inspection: 'opened' };
  const { envelope, messageHash: answerHash } = await sealOpened(answer, statement, frame, {
    ...{ signer: edge.signer, recipient },
  });
  const sent = wire.envelope.decode(envelope);
  const header = readUnverifiedHeader(sent.seal);
  const sealed = { seal: sent.seal, kid: 'k', header, messageHash: answerHash };
  await acceptOpened(edge, sealed, sent.body);
  const { result, content, justified, justification } = edge.inspections.find(id) ?? {};
  return { result, said: content === CONTENT.toString(), justified, justification };
}

const why = (text = WHY, salt = SALT) => ({ salt, content: text });

describe('what an edge opens of a message to an auditor', () => {
  test('is what was sealed: what it said, and why it was sent', async () => {
    const message = await inLog(commitmentOf(SALT, WHY));
    const seen = await shown(message, { opened: message.content, justification: why() });
    expect(seen).toEqual({ result: 'match', said: true, justified: 'opened', justification: `${WHY}` });
  });

  test('may be why it was sent alone, when what it said is erased', async () => {
    const message = await inLog(commitmentOf(SALT, WHY));
    const seen = await shown(message, { justification: why() });
    expect(seen).toEqual({ result: 'erased', said: false, justified: 'opened', justification: `${WHY}` });
  });

  test('says that why was given and not opened, or not given: nobody hides that there was one', async () => {
    const given = await inLog(commitmentOf(SALT, WHY));
    expect(await shown(given, { opened: given.content })).toMatchObject({ justified: 'not-opened' });
    const none = await inLog(new Uint8Array());
    expect(await shown(none, { opened: none.content })).toMatchObject({ justified: 'not-given' });
  });

  test('is nothing: then it was not opened', async () => {
    const message = await inLog(commitmentOf(SALT, WHY));
    expect(await shown(message, {})).toMatchObject({ result: 'no-match-content' });
  });

  test.each([
    ['other words', commitmentOf(SALT, WHY), why(OTHER)],
    ['the right words with another salt', commitmentOf(SALT, WHY), why(WHY, Buffer.alloc(16, 6))],
    ['a salt that has taken some of the words', commitmentOf(SALT, WHY), shifted()],
    ['no words', commitmentOf(SALT, WHY), why(Buffer.alloc(0))],
    ['words where none were given', new Uint8Array(), why()],
    ['what a guess without salt commits to', commitmentOf(new Uint8Array(), WHY), why(WHY, Buffer.alloc(0))],
  ])('does not match, and is named, with %s', async (_, commitment, justification) => {
    const message = await inLog(commitment);
    const seen = await shown(message, { opened: message.content, justification });
    expect(seen.result).toBe('no-match-justification');
    expect(await shown(message, { justification })).toMatchObject({ result: 'no-match-justification' });
  });

  test('of another message is not taken for this one, though it matches its own seal', async () => {
    const [one, other] = [await inLog(commitmentOf(SALT, WHY)), await inLog(commitmentOf(SALT, OTHER))];
    const frame = { opened: other.content, justification: why(OTHER) };
    expect(await shown({ ...one, seal: other.seal }, frame)).toMatchObject({ result: 'no-match-message' });
    expect(await shown(one, frame)).toMatchObject({ result: 'no-match-content' });
  });
});

describe('what an edge opens of a statement', () => {
  const statementOf = async () => {
    const about = [{ messageId: newId(), messageHash: Buffer.alloc(32, 1), code: '' }];
    const said = { atMs: edge.now(), about, evidence: 'retrieved' };
    const justified = { ...draft, justificationCommitment: commitmentOf(SALT, WHY) };
    const { envelope, messageHash } = await sealStatement(justified, said, edge.signer);
    return { messageHash, seal: wire.envelope.decode(envelope).seal };
  };

  test('is why it was said', async () => {
    const seen = await shown(await statementOf(), { justification: why() });
    expect(seen).toEqual({ result: 'match', said: false, justified: 'opened', justification: `${WHY}` });
  });

  test('is no content, for it has none', async () => {
    const seen = await shown(await statementOf(), { opened: why(), justification: why() });
    expect(seen.result).toBe('no-match-content');
  });

  test('does not match with other words', async () => {
    expect(await shown(await statementOf(), { justification: why(OTHER) })).toMatchObject({
      result: 'no-match-justification',
    });
  });
});

/** The same bytes, of which the salt has one more. */
function shifted() {
  const all = Buffer.concat([SALT, WHY]);
  return { salt: all.subarray(0, 17), content: all.subarray(17) };
}
