import { readFileSync } from 'node:fs';
import { LIMITS } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from './dispatch.js';
import { findThreads } from './find-threads.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { CheckedSubmission } from './outbox-row.js';
import type { Edge } from './state.js';
import { keep } from './submit.js';
import { submitUpdate } from './submit-update.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const HOUR = 3_600_000;
const BYTES = Buffer.from('sealed');

let own: TestEdge;
let sent: Uint8Array[];
let edge: Edge;
let [id, caseId] = ['', ''];
beforeEach(async () => {
  own = await testEdge('hotline.de');
  sent = [];
  const send = async (envelope: Uint8Array) => void sent.push(envelope);
  edge = { ...own.edge, send, sendAhead: send };
  ({ id, caseId } = keep(edge, submission, {
    key: null,
    createdMs: edge.now(),
  }));
});
afterEach(() => own.close());

const say = (update: object) => submitUpdate(edge, caseId, update as never, { key: null })?.id ?? '';
const recall = () => say({ update: 'recall', recall_ground: 'wrong-recipient', remove_copy: true });
const seal = (message = id, envelope = BYTES) => {
  const form = { envelope, envelopeSha256: Buffer.alloc(32, 3), messageHash: Buffer.alloc(32, 1) };
  edge.outbox.seal(message, { ...form, salt: Buffer.alloc(16), notes: [], submission }, edge.now());
};
const endOf = (message: string) => {
  const { state, outcome } = edge.outbox.find(message) ?? {};
  return { state, outcome };
};
const RECALLED = { state: 'ended', outcome: 'recalled' };

describe('what is taken back before it has left', () => {
  test('ends so, with all that was said of it, and nothing of it is sent', async () => {
    const escalated = say({ update: 'escalate', escalated_to: 'police' });
    const taken = recall();
    for (const message of [id, escalated, taken]) expect(endOf(message)).toEqual(RECALLED);
    expect(edge.outbox.standing(id)?.outcome).toBe('recalled');
    expect(edge.outbox.find(id)?.reason).toMatch(/Nobody else has had it/);
    expect(findThreads(edge, caseId)[0]?.followed.state).toBe('recalled');
    own.clock.ms += HOUR;
    expect(await dispatch(edge)).toBe(0);
    own.clock.ms += 40 * 24 * HOUR;
    expect(await dispatch(edge)).toBe(0);
    expect(sent).toEqual([]);
  });

  test('has left if it was sealed: it is not sent again, while the recall goes', async () => {
    seal();
    const taken = recall();
    expect(endOf(id)).toEqual({ state: 'sent', outcome: '' });
    const words = Buffer.from('recall');
    seal(taken, words);
    for (let n = 0; n < 5; n += 1) {
      own.clock.ms += HOUR / 4;
      await dispatch(edge);
    }
    expect(sent).toEqual([words, words, words, words, words]);
    own.clock.ms += 80 * HOUR + LIMITS.skewMs;
    await dispatch(edge);
    expect(endOf(id)).toEqual({ state: 'ended', outcome: 'expired' });
  });

  test('is sent again where the recall was refused', async () => {
    seal();
    const taken = recall();
    edge.outbox.conclude(taken, { outcome: 'refused', code: 'policy', reason: '', atMs: edge.now() });
    await dispatch(edge);
    expect(sent).toEqual([BYTES]);
  });
});
