import { readFileSync } from 'node:fs';
import { BusError, type BusErrorCode } from '@entente/bus';
import type { Content, Referral, Submission, wire } from '@entente/contract';
import { createMetrics } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dispatch } from './dispatch.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createMeter } from './meter.js';
import { sendAbout } from './send-about.js';
import { type Edge, withStores } from './state.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const AHEAD = 'edge.emergency.hotline_de';
const ORDINARY = 'edge.out.hotline_de';

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** An edge whose server takes what is sent, or answers so to what is sent on that way; and where it has sent what. */
function sending(answer?: BusErrorCode, way = AHEAD) {
  const sent: string[] = [];
  const publish = async (subject: string) => {
    sent.push(subject);
    if (answer && subject === way) throw new BusError(answer, 'as the server says');
  };
  const bus = { publish } as never;
  return { sent, edge: withStores({ ...own.edge, bus, meter: createMeter(createMetrics()) }) };
}

/** Where messages of these urgencies go, with a server that takes what is sent ahead, or answers so. */
async function sentTo(urgencies: readonly Content['urgency'][], answer?: BusErrorCode): Promise<string[]> {
  const { sent, edge } = sending(answer);
  for (const urgency of urgencies) sealed(edge, urgency);
  await dispatch(edge);
  return sent;
}

function sealed(edge: Edge, urgency: Content['urgency']): void {
  const content = { ...(submission.content as Referral), urgency };
  const createdMs = own.clock.ms;
  const { id } = keep(edge, { ...submission, content }, { key: null, createdMs });
  const bytes = Buffer.from(id, 'hex');
  const row = { envelope: bytes, envelopeSha256: bytes, messageHash: Buffer.alloc(32, id), salt: bytes };
  edge.outbox.seal(id, { ...row, notes: [], submission: { ...submission, content } }, createdMs);
}

test('only an emergency is sent ahead of the others', async () => {
  const sent = await sentTo(['routine', 'emergency', 'urgent', 'emergency']);
  expect(sent.toSorted()).toEqual([AHEAD, ORDINARY]);
});

test.each(['not-permitted', 'no-stream'] as const)(
  'where the nation knows no way ahead ("%s"), an emergency goes in the ordinary one',
  async (answer) => {
    expect(await sentTo(['emergency'], answer)).toEqual([AHEAD, ORDINARY]);
  },
);

test.each(['full', 'timeout', 'disconnected'] as const)(
  'where it is not known whether it was taken, or has no room ("%s"), it comes again on its own way',
  async (answer) => {
    expect(await sentTo(['emergency'], answer)).toEqual([AHEAD]);
    expect(own.edge.outbox.due(own.clock.ms + 1000, 1)).toHaveLength(1);
  },
);

const about = (urgency: string) => ({ facts: { urgency } as wire.FactsFrame });

test('what is said of an emergency goes ahead and in the ordinary way, and of all else in that alone', async () => {
  const { sent, edge } = sending();
  await sendAbout(edge, about('emergency'), Buffer.from('evidence'));
  expect(sent.splice(0).toSorted()).toEqual([AHEAD, ORDINARY]);
  await sendAbout(edge, about('urgent'), Buffer.from('evidence'));
  await sendAbout(edge, { facts: null }, Buffer.from('evidence'));
  expect(sent).toEqual([ORDINARY, ORDINARY]);
});

test('what is not taken ahead is said all the same, and comes again where it was not', async () => {
  await sendAbout(sending('timeout').edge, about('emergency'), Buffer.from('evidence'));
  const { edge } = sending('timeout', ORDINARY);
  await expect(sendAbout(edge, about('emergency'), Buffer.from('evidence'))).rejects.toMatchObject({
    code: 'timeout',
  });
});
