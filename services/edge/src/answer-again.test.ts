import { type Content, newId } from '@entente/contract';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerAgain } from './answer-again.js';
import { arrive, arrived } from './fixture/arrived.js';
import { statementIn, withKeyOf } from './fixture/own-key.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Edge } from './state.js';

const CONTENT = { category: 'phishing', action: 'remove', retention_days: 90, items: [] };
const HOUR_MS = 3_600_000;

let opened: TestEdge;
beforeEach(async () => {
  opened = await testEdge('isp.fr');
});
afterEach(() => opened.close());

const message = arrived(
  { id: newId(), caseId: newId(), from: 'hotline.de', to: 'isp.fr' },
  CONTENT as unknown as Content,
);
const hash = message.sealed.messageHash;
const keptBy = ({ cases }: Edge) => cases.answerTo(hash) ?? new Uint8Array();
test('a message that comes again is answered as it was', async () => {
  const edge = await withKeyOf(opened.edge);
  await arrive(edge, message);
  const first = keptBy(edge);
  opened.clock.ms += HOUR_MS;
  expect(await answerAgain(edge, () => [message.sealed], first)).toEqual(first);
});

test('an answer that was sealed by a clock that was ahead, which no gate takes, is sealed anew', async () => {
  const edge = await withKeyOf(opened.edge);
  opened.clock.ms += HOUR_MS;
  await arrive(edge, message);
  opened.clock.ms -= HOUR_MS;
  const again = await answerAgain(edge, () => [message.sealed], keptBy(edge));
  const { issuedAtMs, statement } = await statementIn(edge, again);
  expect([issuedAtMs, statement?.atMs]).toEqual([opened.clock.ms, opened.clock.ms]);
  expect(statement?.about.map(({ messageHash }) => Buffer.from(messageHash))).toEqual([Buffer.from(hash)]);
  expect(edge.cases.find(hash)?.receivedMs).toBe(opened.clock.ms);
  expect(await answerAgain(edge, () => [message.sealed], keptBy(edge))).toEqual(again);
});

test('and one whose key is not used any more, of the same moment', async () => {
  await arrive(opened.edge, message);
  const receivedMs = opened.clock.ms;
  opened.clock.ms += HOUR_MS;
  const signer = await createSigner(await generateKey('Ed25519'));
  const edge = await withKeyOf({ ...opened.edge, signer });
  const again = await answerAgain(edge, () => [message.sealed], keptBy(edge));
  const { issuedAtMs, statement } = await statementIn(edge, again);
  expect([issuedAtMs, statement?.atMs]).toEqual([opened.clock.ms, receivedMs]);
  expect(edge.cases.find(hash)?.receivedMs).toBe(receivedMs);
  expect(keptBy(edge)).toEqual(again);
});
