import { readFileSync } from 'node:fs';
import { type Content, type Evidence, type Referral, type Submission, wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from '../dispatch.js';
import { type TestEdge, testEdge } from '../fixture/test-edge.js';
import { keep } from '../submit.js';
import { createHttpServer } from './server.js';

const HOUR = 3_600_000;
const EXAMPLE = new URL('../../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };

let own: TestEdge;
let app: Awaited<ReturnType<typeof createHttpServer>>;
beforeEach(async () => {
  own = await testEdge();
  app = await createHttpServer(own.edge, 'token', () => undefined);
});
afterEach(async () => {
  await app.close();
  own.close();
});

/** A referral that was sealed, as far as the clocks can tell. */
function sent(to = 'isp.fr'): string {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), urgency: 'routine' } as Content;
  const said = { ...submission, to, content, expires_in_hours: 720 } as Submission & { content: Content };
  const { id } = keep(edge, { ...said, content }, { key: null, createdMs: clock.ms });
  const bytes = Buffer.from(id, 'hex');
  const sealed = { envelope: bytes, envelopeSha256: bytes, messageHash: Buffer.alloc(32, id), salt: bytes };
  edge.outbox.seal(id, { ...sealed, notes: [], submission: said }, clock.ms);
  return id;
}

function file(messageId: string, evidence: Evidence, source: string, atMs = own.clock.ms): void {
  const rest = { code: '', reason: '', rules: [], raw: wire.passage.encode({}) };
  own.edge.evidence.file({ messageId, evidence, source, atMs, ...rest });
}

/** What is late by now, as its sender reads it, and as it is counted. */
async function lateAfter(id: string, hours: number) {
  own.clock.ms += hours * HOUR;
  const headers = { authorization: 'Bearer token', 'entente-actor': 'anna' };
  const { is_overdue, is_relay_overdue } = (await app.inject({ url: `/v1/messages/${id}`, headers })).json();
  const { relay, delivery } = own.edge.outbox.countLate(own.clock.ms, 'DE');
  return { relay: is_relay_overdue, delivery: is_overdue, counted: [relay, delivery] };
}

const NONE = { relay: false, delivery: false, counted: [0, 0] };
const RELAY = { relay: true, delivery: false, counted: [1, 0] };
const BOTH = { relay: true, delivery: true, counted: [1, 1] };
const DELIVERY = { relay: false, delivery: true, counted: [0, 1] };

describe('a message across a border', () => {
  test('is late there after its clock of relay, and with its recipient after that of delivery', async () => {
    const id = sent();
    file(id, 'submission-accepted', 'DE');
    expect(await lateAfter(id, 11.9)).toEqual(NONE);
    expect(await lateAfter(id, 0.2)).toEqual(RELAY);
    expect(await lateAfter(id, 12)).toEqual(BOTH);
    file(id, 'relay-accepted', 'FR');
    expect(await lateAfter(id, 0)).toEqual(DELIVERY);
    file(id, 'delivered', 'isp.fr');
    expect(await lateAfter(id, 0)).toEqual(NONE);
  });

  test('is at no border on the way to a member of the same nation', async () => {
    expect(await lateAfter(sent('isp.de'), 13)).toEqual(NONE);
  });

  test('and that was held for longer than its clocks run has all of them left after that', async () => {
    const id = sent();
    expect(await lateAfter(id, 2)).toEqual(NONE);
    file(id, 'held', 'DE');
    expect(await lateAfter(id, 30)).toEqual(NONE);
    file(id, 'submission-accepted', 'DE');
    expect(await lateAfter(id, 9.9)).toEqual(NONE);
    expect(await lateAfter(id, 0.2)).toEqual(RELAY);
    file(id, 'held', 'FR');
    expect(await lateAfter(id, 50)).toEqual(NONE);
    file(id, 'relay-accepted', 'FR');
    expect(await lateAfter(id, 11.8)).toEqual(NONE);
    expect(await lateAfter(id, 0.2)).toEqual(DELIVERY);
  });

  test('was held for the same time though the word that it is comes last, and comes twice', async () => {
    const id = sent();
    const heldMs = own.clock.ms;
    await lateAfter(id, 30);
    file(id, 'submission-accepted', 'DE');
    expect(await lateAfter(id, 0)).toEqual(BOTH);
    for (let n = 0; n < 2; n++) file(id, 'held', 'DE', heldMs);
    expect(await lateAfter(id, 11.9)).toEqual(NONE);
    expect(await lateAfter(id, 0.2)).toEqual(RELAY);
  });

  test('and that the other gate held until it expired was not delivered, but came that far', async () => {
    const id = sent();
    file(id, 'submission-accepted', 'DE');
    file(id, 'held', 'FR');
    own.clock.ms += 721 * HOUR;
    await dispatch(own.edge);
    expect(own.edge.evidence.list(id).map(({ evidence }) => evidence)).toContain('not-delivered');
  });
});
