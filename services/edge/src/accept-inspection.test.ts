import { readFileSync } from 'node:fs';
import { LIMITS, newId, type Referral, type Submission, wire } from '@entente/contract';
import {
  commitmentOf,
  generateKey,
  importPublicKey,
  publicJwk,
  readUnverifiedHeader,
  type Sealed,
  sealStatement,
} from '@entente/seal';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptInspection } from './accept-inspection.js';
import { endRetention } from './end-retention.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import { createHttpServer } from './http/server.js';
import { openCommitment } from './open-commitment.js';
import { removeReceived, removeSent } from './remove-content.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const SECRET = 'words-that-have-to-go';
const CONTENT = JSON.stringify({ ...(submission.content as Referral), summary: SECRET });
const [CASE, MESSAGE] = [newId(), newId()];
const ABOUT = Buffer.alloc(32, 7);
const BYTES = Buffer.from('an answer');

let own: TestEdge;
let edge: Edge;
let request: { readonly sealed: Sealed; readonly envelope: wire.EnvelopeFrame };
beforeEach(async () => {
  own = await testEdge('isp.de');
  const jwk = await generateKey('X25519');
  const recipient = await importPublicKey(JSON.stringify(publicJwk(jwk)), {
    ...{ kid: jwk.kid as string, use: 'enc', alg: jwk.alg as string },
  });
  const member = (id: string) => ({ id, nation: 'DE', types: ['auditor'], roles: ['auditor'] });
  const directory = () =>
    ({ member, encryptionKey: () => recipient, listBytes: Buffer.alloc(1), nations: new Map() }) as never;
  edge = { ...own.edge, directory };
  receive();
  request = await ask();
});
afterEach(() => own.close());

/** What stands here as received, and what its seal commits to. */
function receive(): void {
  const { clock } = own;
  const salt = Buffer.alloc(16, 8);
  const header = {
    ...{ protocol: 1, id: MESSAGE, caseId: CASE, from: 'hotline.de', to: 'isp.de' },
    contentCommitment: commitmentOf(salt, Buffer.from(CONTENT)),
  };
  const payload = Buffer.from(wire.header.encode(header as never)).toString('base64url');
  const envelope = { seal: Buffer.from(`e30.${payload}.c2ln`), body: Buffer.from('a body') };
  edge.cases.insert({
    ...{ messageHash: ABOUT, id: MESSAGE, sender: 'hotline.de', caseId: CASE, category: 'csam' },
    ...{
      action: 'remove',
      content: CONTENT,
      salt,
      answer: wire.envelope.encode({ seal: Buffer.from('its evidence') }),
    },
    passage: wire.passage.encode({ envelope, proofs: [] }),
    ...{ receivedMs: clock.ms, inReplyTo: '', updateWord: '', issuedMs: clock.ms, eraseMs: clock.ms + 1 },
  });
}

async function ask(messageHash = ABOUT) {
  const nowMs = edge.now();
  const draft = {
    ...{ profile: edge.profile, id: newId(), caseId: CASE, inReplyTo: MESSAGE, actor: 'system' },
    ...{ from: 'audit.de', fromRole: 'auditor', to: 'isp.de', toRole: 'hosting' },
    ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + 1000 },
  };
  const about = [{ messageId: MESSAGE, messageHash, code: 'sample' }];
  const statement = { atMs: nowMs, about, inspection: 'asked' };
  const { envelope, messageHash: requestHash } = await sealStatement(
    draft,
    statement,
    edge.signer,
    wire.Kind.KIND_INSPECT,
  );
  const frame = wire.envelope.decode(envelope);
  const sealed: Sealed = {
    seal: frame.seal,
    kid: 'k',
    header: readUnverifiedHeader(frame.seal),
    messageHash: requestHash,
  };
  return { sealed, envelope: frame };
}

function erase(): void {
  const row = edge.cases.find(ABOUT);
  if (row?.removedMs === null)
    removeReceived(edge, row, { actor: 'system', detail: 'time-over', reference: '' });
}
/** Something else is erased in the same transaction, before what is committed. */
const erasingFirst =
  (eraseIt: () => void): Edge['commit'] =>
  (work) =>
    edge.commit(() => {
      eraseIt();
      return work();
    });
const steps = () => logOf(edge).map(({ what, detail }) => [what, detail]);
const codeOf = (envelope: Uint8Array) => {
  const { statement } = readUnverifiedHeader(wire.envelope.decode(envelope).seal);
  return [statement?.inspection, statement?.about[0]?.code];
};
const answers = () => edge.statements.due(edge.now(), 10).map(({ envelope }) => codeOf(envelope));

// The moment at which the content is read and the answer not yet sealed.
const whileSealing = (): Edge => ({
  ...edge,
  signer: {
    ...edge.signer,
    signCompact: async (...what: Parameters<Edge['signer']['signCompact']>) => {
      edge.db.transaction(erase);
      return await edge.signer.signCompact(...what);
    },
  },
});

describe('an inspection', () => {
  test('opens what stands here, and says so in the log', async () => {
    await acceptInspection(edge, request.sealed, request.envelope);
    expect(steps()).toEqual([['inspect', 'opened']]);
    expect(answers()).toEqual([['opened', '']]);
  });

  test.each([
    ['while its answer is sealed', whileSealing],
    ['in the transaction of its answer, before it', () => ({ ...edge, commit: erasingFirst(erase) })],
  ])('brings nothing back that is erased %s', async (_when, erasing) => {
    await acceptInspection(erasing(), request.sealed, request.envelope);
    expect(steps()).toEqual([
      ['erasure', 'time-over'],
      ['inspect', 'erased'],
    ]);
    expect(answers()).toEqual([['not-opened', 'erased']]);
    const kept = edge.inspections.answered(request.sealed.messageHash)?.answer;
    expect(codeOf(kept ?? new Uint8Array())).toEqual(['not-opened', 'erased']);
  });
});

describe('an inspection of what was sent with a justification', () => {
  const SENT = Buffer.alloc(32, 9);
  let id: string;
  beforeEach(async () => {
    const { clock } = own;
    const said = { ...submission, actor: 'system', content: JSON.parse(CONTENT) as Referral };
    const handedIn = { key: null, justification: 'file 17/26', createdMs: clock.ms };
    ({ id } = keep(edge, said, handedIn));
    const [salt, why] = [Buffer.alloc(16, 8), edge.justifications.findById(id)];
    const header = {
      ...{ protocol: 1, id, caseId: CASE, from: 'isp.de', to: 'hotline.de' },
      contentCommitment: commitmentOf(salt, Buffer.from(CONTENT)),
      justificationCommitment: commitmentOf(why?.salt ?? salt, why?.text ?? Buffer.alloc(0)),
    };
    const payload = Buffer.from(wire.header.encode(header as never)).toString('base64url');
    const envelope = wire.envelope.encode({ seal: Buffer.from(`e30.${payload}.c2ln`) });
    const form = { envelope, envelopeSha256: SENT, messageHash: SENT, salt, notes: [], submission: said };
    edge.outbox.seal(id, form, 0);
    request = await ask(SENT);
  });
  const eraseContent = () => {
    const row = edge.outbox.find(id);
    if (row?.removedMs === null)
      removeSent(edge, row, { actor: 'system', detail: 'time-over', reference: '' });
  };
  const forgetWhy = () => edge.justifications.forget(id);
  const opened = () => {
    const opening = openCommitment(edge, SENT);
    return 'opened' in opening
      ? [opening.opened.opened !== null, `${opening.opened.justification?.content ?? ''}`]
      : opening.why;
  };

  test('opens both, and each when the other is gone', async () => {
    expect(opened()).toEqual([true, 'file 17/26']);
    eraseContent();
    expect(opened()).toEqual([false, 'file 17/26']);
    forgetWhy();
    expect(opened()).toBe('erased');
  });

  test('opens what it said when why it was sent is forgotten', () => {
    forgetWhy();
    expect(opened()).toEqual([true, '']);
  });

  test.each([
    ['what it said', eraseContent, 'justification opened'],
    ['why it was sent', forgetWhy, 'opened'],
  ])('brings %s not back, which goes while its answer is sealed', async (_, go, said) => {
    let seals = 0;
    const signCompact: Edge['signer']['signCompact'] = async (...what) => {
      if (seals++ === 0) edge.db.transaction(go);
      return await edge.signer.signCompact(...what);
    };
    const sealing = { ...edge, signer: { ...edge.signer, signCompact } };
    await acceptInspection(sealing, request.sealed, request.envelope);
    expect(seals).toBe(2);
    expect(steps().at(-1)).toEqual(['inspect', said]);
  });

  test('is not answered again with what was forgotten since', async () => {
    await acceptInspection(edge, request.sealed, request.envelope);
    eraseContent();
    await acceptInspection(edge, request.sealed, request.envelope);
    const answer = () => edge.inspections.answered(request.sealed.messageHash)?.answer;
    expect(answer()).toBeInstanceOf(Uint8Array);
    own.clock.ms += edge.proofDays * 86_400_000;
    edge.outbox.conclude(id, { outcome: 'delivered', code: '', reason: '', atMs: own.clock.ms });
    edge.inspections.answer(request.sealed.messageHash, { aboutHash: SENT, answer: BYTES }, own.clock.ms);
    await endRetention(edge);
    expect(answer()).toBeNull();
  });
});

describe('however often one message is asked for', () => {
  const accept = async ({ sealed, envelope }: typeof request) =>
    await acceptInspection(edge, sealed, envelope);
  const keptOf = ({ sealed }: typeof request) => edge.inspections.answered(sealed.messageHash)?.answer;

  test('one copy of it is kept, and each request answered and logged once', async () => {
    const requests = [request, await ask(), await ask()];
    for (const one of requests) await accept(one);
    expect(requests.map((one) => keptOf(one) === null)).toEqual([true, true, false]);
    expect(answers()).toEqual([['opened', '']]);
    await accept(request);
    expect(codeOf(keptOf(request) ?? new Uint8Array())).toEqual(['opened', '']);
    expect(answers()).toEqual([['opened', '']]);
    expect(steps()).toEqual(requests.map(() => ['inspect', 'opened']));
  });

  test('brings nothing back that is erased while an earlier request is answered again', async () => {
    for (const one of [request, await ask()]) await accept(one);
    await acceptInspection(whileSealing(), request.sealed, request.envelope);
    expect(answers()).toEqual([['not-opened', 'erased']]);
  });

  test('what was answered is forgotten when no request of then can come again', async () => {
    await accept(request);
    own.clock.ms += LIMITS.lifetimeMs + 2 * LIMITS.skewMs;
    await endRetention(edge);
    expect(edge.inspections.answered(request.sealed.messageHash)).toBeDefined();
    own.clock.ms += 1;
    await endRetention(edge);
    expect(edge.inspections.answered(request.sealed.messageHash)).toBeUndefined();
  });
});

describe('what is erased while its being seen is put on record', () => {
  let app: FastifyInstance;
  beforeEach(async () => {
    app = await createHttpServer({ ...edge, commit: erasingFirst(erase) }, 'token', () => undefined);
  });
  afterEach(() => app.close());
  const get = async (url: string) => {
    const headers = { authorization: 'Bearer token', 'entente-actor': 'desk' };
    const { statusCode, rawPayload } = await app.inject({ url, headers });
    expect(statusCode).toBe(200);
    return rawPayload.toString('latin1');
  };

  test.each([
    ['with its case', ''],
    ['in its evidence file', '/evidence?open=true'],
  ])('is not shown %s', async (_where, path) => {
    const shown = await get(`/v1/cases/${CASE}${path}`);
    expect(shown).toContain(CASE);
    expect(shown).not.toContain(SECRET);
  });

  const SHOWN = { result: 'match', content: SECRET, justified: 'opened', justification: SECRET } as const;

  test('is not shown to an auditor for whom it was opened', async () => {
    const id = newId();
    const asked = { id, caseId: CASE, messageId: MESSAGE, messageHash: ABOUT, member: 'isp.de' };
    edge.inspections.ask({ ...asked, reason: 'sample', createdMs: edge.now() });
    edge.inspections.end(id, SHOWN, edge.now());
    await app.close();
    const commit = erasingFirst(() => edge.inspections.removeContent(id));
    app = await createHttpServer({ ...edge, commit }, 'token', () => undefined);
    expect(JSON.parse(await get(`/v1/inspections/${id}`))).toMatchObject({
      ...{ result: 'match', content: '', justified: 'opened', justification: '' },
    });
  });
});
