import { type Referral, wire } from '@entente/contract';
import { commitmentOf } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptInspection } from './accept-inspection.js';
import { endRetention } from './end-retention.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import {
  askInspection,
  CASE,
  CONTENT,
  inspectedEdge,
  MESSAGE,
  type Request,
  submission,
} from './fixture/test-inspection.js';
import { openCommitment } from './open-commitment.js';
import { removeSent } from './remove-content.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';

const BYTES = Buffer.from('an answer');

let own: TestEdge;
let edge: Edge;
beforeEach(async () => {
  own = await testEdge('isp.de');
  edge = await inspectedEdge(own);
});
afterEach(() => own.close());

const steps = () => logOf(edge).map(({ what, detail }) => [what, detail]);
describe('an inspection of what was sent with a justification', () => {
  const SENT = Buffer.alloc(32, 9);
  let id: string;
  let request: Request;
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
    request = await askInspection(edge, SENT, id);
  });
  const eraseContent = () => {
    const row = edge.outbox.find(id);
    if (row?.removedMs === null)
      removeSent(edge, row, { actor: 'system', detail: 'time-over', reference: '' });
  };
  const forgetWhy = () => edge.justifications.forget(id);
  const opened = () => {
    const opening = openCommitment(edge, { messageId: id, messageHash: SENT });
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

  test('opens nothing under the id of another message, or under another hash', () => {
    const others = [
      { messageId: MESSAGE, messageHash: SENT },
      { messageId: id, messageHash: Buffer.alloc(32, 99) },
    ];
    for (const about of others) expect(openCommitment(edge, about)).toMatchObject({ why: 'unknown' });
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
