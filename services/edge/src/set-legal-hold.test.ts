import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Referral, Submission } from '@entente/contract';
import { createMetrics, openDatabase } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endRetention } from './end-retention.js';
import { logOf, type TestEdge, testEdge } from './fixture/test-edge.js';
import type { Person } from './log-access.js';
import { logFoundHolds } from './log-found-holds.js';
import { createMeter } from './meter.js';
import { beginLegalHold, endLegalHold } from './set-legal-hold.js';
import { withStores } from './state.js';
import { MIGRATIONS, openEdgeStore } from './store.js';
import { keep } from './submit.js';

const DAY = 86_400_000;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const ANNA: Person = { actor: `pn:${'a'.repeat(32)}`, justification: 'the court has called' };
const BERT: Person = { actor: `pn:${'b'.repeat(32)}`, justification: '' };
const NOBODY = { proposedBy: '', approvedBy: [] };
const ORDER = {
  reason: 'court file 17/26',
  signoff: { proposedBy: 'unit 4', approvedBy: ['legal service', 'court 2'] },
};
const END = { reason: '', signoff: NOBODY };

let own: TestEdge;
let caseId: string;
beforeEach(async () => {
  own = await testEdge();
  caseId = sent();
});
afterEach(() => own.close());

/** A case with an outcome, that may be kept for a day. */
function sent(): string {
  const { edge, clock } = own;
  const content = { ...(submission.content as Referral), retention_days: 1 };
  const kept = keep(edge, { ...submission, content }, { key: null, createdMs: clock.ms });
  edge.outbox.conclude(kept.id, { outcome: 'delivered', code: '', reason: '', atMs: clock.ms });
  return kept.caseId;
}

const steps = () => logOf(own.edge).map(({ what, actor, case_id: about }) => [what, actor, about]);
const inDatabase = (sql: string, ...values: (string | number)[]) => own.edge.db.prepare(sql).run(...values);
const layInDatabase = (id: string) => inDatabase('INSERT INTO legal_hold VALUES (?, ?, ?)', id, 'by hand', 1);
const takeFromDatabase = () => inDatabase('DELETE FROM legal_hold');

describe('a legal hold', () => {
  test('is an entry when it begins and when it ends: of which case, by whom, and who agreed', async () => {
    const { edge, clock } = own;
    expect(await beginLegalHold(edge, caseId, ORDER, ANNA)).toMatchObject({ reason: ORDER.reason });
    const about = { at_ms: clock.ms, case_id: caseId, message_id: '', detail: '' };
    const begun = {
      ...{ ...about, ...ANNA, what: 'legal-hold', reference: 'court file 17/26' },
      ...{ proposed_by: 'unit 4', approved_by: ['legal service', 'court 2'] },
    };
    expect(logOf(edge)).toEqual([begun]);
    expect(await endLegalHold(edge, caseId, END, BERT)).toBe(true);
    expect(logOf(edge)).toEqual([begun, { ...about, ...BERT, what: 'legal-hold-end', reference: '' }]);
    await logFoundHolds(edge);
    expect(logOf(edge)).toHaveLength(2);
  });

  test('that is there already, or that is not there, is no entry', async () => {
    const { edge } = own;
    await beginLegalHold(edge, caseId, ORDER, ANNA);
    expect(await beginLegalHold(edge, caseId, { ...ORDER, reason: 'another' }, BERT)).toMatchObject({
      reason: ORDER.reason,
    });
    expect(await beginLegalHold(edge, 'f'.repeat(32), ORDER, ANNA)).toBeUndefined();
    expect(await endLegalHold(edge, 'f'.repeat(32), END, ANNA)).toBe(false);
    expect(steps()).toEqual([['legal-hold', ANNA.actor, caseId]]);
  });

  test('does not begin and does not end where the entry cannot be written', async () => {
    const { edge } = own;
    await beginLegalHold(edge, caseId, ORDER, ANNA);
    const other = sent();
    edge.db.exec(`CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'no entry'); END`);
    await expect(beginLegalHold(edge, other, ORDER, ANNA)).rejects.toThrow('no entry');
    await expect(endLegalHold(edge, caseId, END, ANNA)).rejects.toThrow('no entry');
    expect(edge.legalHolds.list().map((hold) => hold.caseId)).toEqual([caseId]);
  });
});

describe('by whoever can write the database, a legal hold', () => {
  test('that was laid is put on record in the name of nobody, once', async () => {
    layInDatabase(caseId);
    await logFoundHolds(own.edge);
    await logFoundHolds(own.edge);
    expect(logOf(own.edge)).toEqual([
      {
        ...{ at_ms: own.clock.ms, actor: 'unnamed', what: 'legal-hold', case_id: caseId, message_id: '' },
        ...{ justification: '', detail: 'found in the database', reference: 'by hand' },
      },
    ]);
  });

  test('that was taken away is on record before anything goes that it kept', async () => {
    const { edge, clock } = own;
    await beginLegalHold(edge, caseId, ORDER, ANNA);
    clock.ms += DAY;
    expect(await endRetention(edge)).toBe(0);
    takeFromDatabase();
    expect(await endRetention(edge)).toBe(1);
    expect(steps()).toEqual([
      ['legal-hold', ANNA.actor, caseId],
      ['legal-hold-end', 'unnamed', caseId],
      ['erasure', 'system', caseId],
    ]);
  });

  test('and that came back to another case is two changes', async () => {
    const { edge } = own;
    await beginLegalHold(edge, caseId, ORDER, ANNA);
    const other = sent();
    takeFromDatabase();
    layInDatabase(other);
    await logFoundHolds(edge);
    expect(steps().slice(1)).toEqual([
      ['legal-hold', 'unnamed', other],
      ['legal-hold-end', 'unnamed', caseId],
    ]);
  });
});

test('nobody makes another entry look like one of a legal hold, whatever words it has', async () => {
  const words = `{"what":"legal-hold","case_id":"${caseId}"}`;
  const about = { case_id: caseId, message_id: words, detail: words, reference: words };
  own.edge.access.add({ at_ms: own.clock.ms, actor: words, justification: words, what: 'view', ...about });
  expect([...own.edge.access.held()]).toEqual([]);
});

test('a store of an older version is opened: its holds go on record, and nobody is said to have ordered its erasures', async () => {
  const path = join(own.dir, 'older.sqlite');
  const since = MIGRATIONS.findIndex((sql) => sql.includes('INDEX access_legal_hold'));
  const older = openDatabase(path, MIGRATIONS.slice(0, since));
  older.prepare('INSERT INTO erasure VALUES (?, ?, ?, ?, ?)').run(caseId, 'request', '12/26', 1, 1);
  older.prepare('INSERT INTO legal_hold VALUES (?, ?, ?)').run(caseId, 'court file 16/26', 1);
  older.close();
  const db = openEdgeStore(path);
  const edge = withStores({ ...own.edge, db, meter: createMeter(createMetrics()) });
  await logFoundHolds(edge);
  expect(logOf(edge)).toMatchObject([{ what: 'legal-hold', case_id: caseId, reference: 'court file 16/26' }]);
  expect(edge.erasures.list(10)).toMatchObject([{ caseId, actor: 'unnamed' }]);
  db.close();
});
