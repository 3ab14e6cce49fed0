import { join } from 'node:path';
import { wire } from '@entente/contract';
import { openDatabase } from '@entente/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { openHoldStore } from './hold-store.js';
import { MIGRATIONS, openEdgeStore } from './store.js';

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge('court.de');
});
afterEach(() => own.close());

test('what the version before has kept stays as it is, under the nation whose gate holds it', () => {
  const since = MIGRATIONS.findIndex((sql) => sql.includes('TABLE hold_by_nation'));
  const path = join(own.dir, 'edge.sqlite.older');
  const older = openDatabase(path, MIGRATIONS.slice(0, since));
  const entryOf = (nation: string) =>
    wire.entry.encode({ record: wire.record.encode({ nation, stage: 'leave' }) });
  const hashes = [1, 2, 3].map((one) => Buffer.alloc(32, one));
  const insert = older.prepare(
    'INSERT INTO hold (message_hash, role, entry, since_ms, until_ms, nation, is_decided) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  // The last but one is from before nations were noted.
  for (const [i, nation] of ['DE', '', 'FR'].entries())
    insert.run(hashes[i] ?? null, 'court', entryOf(nation || 'NL'), i, 1000, nation, i < 2 ? 1 : 0);
  for (const i of [0, 1])
    older
      .prepare(
        `INSERT INTO approval (about_hash, id, message_hash, envelope, decision, reason, justification, state, code, entry, created_ms,
           expires_ms, next_try_ms, attempts) VALUES (?, ?, ?, ?, 'release', 'lawful', 'why', ?, '', NULL, 1, 2, 3, 4)`,
      )
      .run(
        hashes[i] ?? null,
        `id${i}`,
        Buffer.alloc(32),
        Buffer.from('envelope'),
        i === 0 ? 'sent' : 'logged',
      );
  older.close();
  const db = openEdgeStore(path);
  const holds = openHoldStore(db);
  const found = hashes.map((hash) => holds.holders(hash));
  expect(found).toEqual([['DE'], ['NL'], ['FR']]);
  expect(holds.list(9).map(({ sinceMs }) => sinceMs)).toEqual([2, 1, 0]);
  const [first, second, third] = hashes.map((hash, i) => holds.decisionOn(hash, found[i]?.[0] ?? ''));
  expect(first).toMatchObject({ id: 'id0', nation: 'DE', state: 'sent', justification: 'why', attempts: 4 });
  expect(second).toMatchObject({ id: 'id1', nation: 'NL', state: 'logged' });
  expect(third).toBeUndefined();
  expect(holds.dueApprovals(3, 9).map(({ id }) => id)).toEqual(['id0']);
  holds.forgetOver(1000);
  expect(hashes.map((hash) => holds.find(hash) !== undefined)).toEqual([true, true, false]);
  expect([holds.forgetDecided(1), holds.list(9)]).toMatchObject([1, [{ sinceMs: 0 }]]);
  db.close();
});
