import { createMetrics } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createMeter } from './meter.js';
import { withStores } from './state.js';

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

/** What may be read whole: one row, the cases under legal hold, what is said within a second, and the statements of a few hours where there is an answer that must not go. */
const SMALL = ['access_head', 'legal_hold', 'statement', 'unsaid_erasure'];

test('reads no table whole, however much an edge keeps', () => {
  const steps = statements().flatMap((sql) => plan(sql).map((step) => ({ sql, step })));
  expect(steps.length).toBeGreaterThan(40);
  const whole = steps.filter(({ step }) => {
    const [, table, index] = /^SCAN (\w+)( USING)?/.exec(step) ?? [];
    return table !== undefined && index === undefined && !SMALL.includes(table);
  });
  expect(whole).toEqual([]);
});

test('sorts no table whole: what a list shows first comes from an index', () => {
  const sorted = statements().filter((sql) => {
    const steps = plan(sql);
    return (
      steps.some((step) => step.includes('TEMP B-TREE')) && steps.some((step) => step.startsWith('SCAN'))
    );
  });
  expect(sorted).toEqual([]);
});

/** Every statement that the stores of an edge prepare, but those that only add a row. */
function statements(): string[] {
  const prepared: string[] = [];
  const db = {
    ...own.edge.db,
    prepare: (sql: string) => {
      prepared.push(sql);
      return own.edge.db.prepare(sql);
    },
  };
  withStores({ ...own.edge, db: db as typeof own.edge.db, meter: createMeter(createMetrics()) });
  return prepared.filter((sql) => !/^\s*INSERT\b[^;]*\bVALUES\b/.test(sql));
}

function plan(sql: string): string[] {
  const values = Array.from(sql.matchAll(/\?/g), () => null);
  return own.edge.db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => String(detail));
}
