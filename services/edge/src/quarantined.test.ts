import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { retryAsked } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropQuarantined } from './drop-quarantined.js';
import { endRetention } from './end-retention.js';
import { eraseCase } from './erase-case.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Edge } from './state.js';

const DAY = 86_400_000;
const [CASE, OTHER] = ['c'.repeat(32), 'd'.repeat(32)];
const SIGNOFF = { proposedBy: '', approvedBy: [] };
const ORDER = { reason: 'request', reference: 'request 12/26', signoff: SIGNOFF } as const;
const ANNA = { actor: `pn:${'a'.repeat(32)}`, justification: '' };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const idOf = (caseId: string) => `${caseId.slice(16)}${'0'.repeat(16)}`;
/** More than go in one transaction. */
const MANY = 120;
const manyOf = (n: number) => n.toString(16).padStart(32, 'a');

/** A message of that case that could not be handled, now. */
function setAside(caseId: string, bytes = delivery(caseId), source = 'isp.de'): void {
  const { edge, clock, dir } = own;
  edge.quarantine.keep(idOf(caseId), { source, subject: 'edge.in.hotline_de', bytes }, new Error(), clock.ms);
  for (const name of readdirSync(join(dir, 'quarantine')))
    if (name.includes(idOf(caseId)))
      utimesSync(join(dir, 'quarantine', name), clock.ms / 1000, clock.ms / 1000);
}

function delivery(caseId: string): Uint8Array {
  const header = wire.header.encode({ protocol: 1, id: 'e'.repeat(32), caseId });
  const seal = Buffer.from(`e30.${Buffer.from(header).toString('base64url')}.c2ln`);
  return wire.delivery.encode({ passage: { envelope: { seal, body: Buffer.from('a body') }, proofs: [] } });
}

const left = () => own.edge.quarantine.list().map(({ id }) => id);

test('what cannot be accepted any more goes from the quarantine, with an entry', async () => {
  const { edge, clock } = own;
  setAside(CASE);
  setAside(OTHER, Buffer.from('what nobody can read'));
  clock.ms += 30 * DAY;
  await endRetention(edge);
  expect(left()).toHaveLength(2);
  clock.ms += DAY;
  await endRetention(edge);
  expect(left()).toEqual([]);
  const erasure = { what: 'erasure', actor: 'system', detail: 'time-over', reference: 'in quarantine' };
  expect(logOf(edge)).toHaveLength(2);
  expect(logOf(edge)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...erasure, case_id: CASE, message_id: 'e'.repeat(32) }),
      expect.objectContaining({ ...erasure, case_id: '', message_id: '' }),
    ]),
  );
});

test('a legal hold keeps it', async () => {
  const { edge, clock } = own;
  setAside(CASE);
  edge.legalHolds.put(CASE, 'court file 17/26', clock.ms);
  clock.ms += 31 * DAY;
  await endRetention(edge);
  expect(left()).toEqual([idOf(CASE)]);
  expect(await eraseCase(edge, CASE, ORDER, ANNA)).toBe('held');
  expect(left()).toEqual([idOf(CASE)]);
});

test('an order to erase a case takes what is in quarantine of it, and of no other', async () => {
  const { edge } = own;
  setAside(CASE);
  setAside(OTHER);
  expect(await eraseCase(edge, CASE, ORDER, ANNA)).toMatchObject({ messages: 0, quarantined: 1 });
  expect(left()).toEqual([idOf(OTHER)]);
  expect(logOf(edge).map(({ what, case_id: caseId }) => `${what} ${caseId}`)).toEqual([
    `erasure-order ${CASE}`,
    `erasure ${CASE}`,
  ]);
});

test('an order takes what comes into quarantine while it is read as well', async () => {
  const { edge } = own;
  setAside(OTHER);
  const { quarantine } = edge;
  const growing: typeof quarantine = {
    ...quarantine,
    keptUntil: function* (...which) {
      for (const message of quarantine.keptUntil(...which)) {
        setAside(CASE);
        yield message;
      }
    },
  };
  const order = eraseCase({ ...edge, quarantine: growing }, CASE, ORDER, ANNA);
  expect(await order).toMatchObject({ quarantined: 1 });
  expect(left()).toEqual([idOf(OTHER)]);
});

test('what a person drops is on record first: who, why, of which case, and on whose wish', async () => {
  const { edge } = own;
  setAside(CASE);
  setAside(OTHER);
  const order = { ...ORDER, signoff: { proposedBy: 'unit 4', approvedBy: ['head'] } };
  expect(await dropQuarantined(edge, idOf(CASE), order, ANNA)).toBe('dropped');
  expect(left()).toEqual([idOf(OTHER)]);
  const about = { case_id: CASE, message_id: 'e'.repeat(32), detail: 'request', reference: 'request 12/26' };
  expect(logOf(edge)).toMatchObject([
    { what: 'erasure-order', ...ANNA, ...about, proposed_by: 'unit 4', approved_by: ['head'] },
    { what: 'erasure', actor: ANNA.actor, ...about },
  ]);
  expect(await dropQuarantined(edge, idOf(CASE), order, ANNA)).toBeUndefined();
  edge.legalHolds.put(OTHER, 'court file 17/26', own.clock.ms);
  expect(await dropQuarantined(edge, idOf(OTHER), order, ANNA)).toBe('held');
  expect([left(), logOf(edge).length]).toEqual([[idOf(OTHER)], 2]);
});

test.each<[string, (edge: Edge) => Promise<unknown>]>([
  ['what is over is looked for', endRetention],
  ['an order is carried out', (edge) => eraseCase(edge, manyOf(MANY - 1), ORDER, ANNA)],
])('others are answered between any two messages while %s', async (_, work) => {
  for (let n = 0; n < MANY; n++) setAside(manyOf(n), undefined, `isp${n % 2}.de`);
  own.clock.ms += 31 * DAY;
  const order: string[] = [];
  const { quarantine } = own.edge;
  const seen: typeof quarantine = {
    ...quarantine,
    keptUntil: function* (...which) {
      for (const message of quarantine.keptUntil(...which)) {
        order.push('read');
        setImmediate(() => order.push('answered'));
        yield message;
      }
    },
  };
  await work({ ...own.edge, quarantine: seen });
  expect(order.slice(0, 2 * MANY)).toEqual(Array.from({ length: MANY }, () => ['read', 'answered']).flat());
  expect(left()).toEqual([]);
  expect(logOf(own.edge).filter(({ what }) => what === 'erasure')).toHaveLength(MANY);
});

test('what somebody drops while an order is carried out, and again while its time ends, has one entry', async () => {
  const { edge, clock } = own;
  setAside(CASE);
  const dropped = dropQuarantined(edge, idOf(CASE), ORDER, ANNA);
  expect(await eraseCase(edge, CASE, ORDER, ANNA)).toMatchObject({ quarantined: 0 });
  expect(await dropped).toBe('dropped');
  setAside(OTHER);
  clock.ms += 31 * DAY;
  await Promise.all([endRetention(edge), endRetention(edge)]);
  const erasures = logOf(edge).filter(({ what }) => what === 'erasure');
  expect(erasures.map(({ case_id: caseId }) => caseId)).toEqual([CASE, OTHER]);
});

test('what is handled again while its case is erased goes with what is here, and not from the quarantine alone', async () => {
  const { edge } = own;
  setAside(CASE);
  edge.quarantine.ask(idOf(CASE));
  const told: string[] = [];
  let end = () => {};
  const inHand = retryAsked({ ...edge, isFault: () => true }, async () => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    told.push('handled');
  });
  const erased = eraseCase(edge, CASE, ORDER, ANNA).then((outcome) => {
    told.push('erased');
    return outcome;
  });
  // As long as it takes where nobody waits.
  await edge.commit(() => undefined);
  await edge.commit(() => undefined);
  expect(logOf(edge)).toEqual([]);
  end();
  expect(await erased).toMatchObject({ quarantined: 0 });
  await inHand;
  expect(told).toEqual(['handled', 'erased']);
  expect(logOf(edge).map(({ what }) => what)).toEqual(['erasure-order']);
});

test('what an order takes while another is handled again is not handled after it', async () => {
  const { edge } = own;
  for (const caseId of [CASE, OTHER]) {
    setAside(caseId);
    edge.quarantine.ask(idOf(caseId));
  }
  const [, { id: second } = { id: '' }] = edge.quarantine.asked();
  let handled = 0;
  let erased: Promise<unknown> | undefined;
  await retryAsked({ ...edge, isFault: () => true }, async () => {
    erased ??= eraseCase(edge, second === idOf(CASE) ? CASE : OTHER, ORDER, ANNA);
    for (const _ of [1, 2, 3]) await edge.commit(() => undefined);
    handled += 1;
  });
  expect(await erased).toMatchObject({ quarantined: 1 });
  expect([handled, left()]).toEqual([1, []]);
});

test('a legal hold that is laid while it is read keeps it', async () => {
  const { edge, clock } = own;
  setAside(CASE);
  clock.ms += 31 * DAY;
  const ending = endRetention(edge);
  edge.legalHolds.put(CASE, 'court file 17/26', clock.ms);
  await ending;
  expect([left(), logOf(edge).filter(({ what }) => what === 'erasure')]).toEqual([[idOf(CASE)], []]);
});
