import { merkleRoot } from '@entente/audit';
import { MORE } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccessEntry } from './access-log.js';
import { endOver, endRetention } from './end-retention.js';
import { leafOf } from './fixture/leaf-of.js';
import { onDisk, type TestEdge, testEdge } from './fixture/test-edge.js';
import { logAccess } from './log-access.js';
import { planRetention } from './plan-retention.js';

const DAY = 86_400_000;
const WHO = { actor: 'pn:0123456789abcdef0123456789abcdef', justification: 'words-of-a-person' };
const [CASE, OTHER] = ['a'.repeat(32), 'b'.repeat(32)] as const;

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const view = async (caseId = CASE) =>
  await logAccess(own.edge, WHO, 'view', { case_id: caseId, detail: 'x' });
const entries = () =>
  own.edge.access
    .list(0, 10_000)
    .map(({ entry }) => (entry === '' ? undefined : (JSON.parse(entry) as AccessEntry)));
const kept = () => entries().map((entry) => (entry ? entry.what : '-'));

/** As if the log of the nation had an anchor over so many entries. */
function anchor(size: number): void {
  const { edge, clock } = own;
  const id = String(size).padStart(32, '0');
  const times = { createdMs: clock.ms, expiresMs: clock.ms };
  edge.requests.insert({
    ...{ id, messageHash: Buffer.alloc(32), envelope: Buffer.alloc(1), kind: 'anchor' as const, ...times },
  });
  edge.anchors.insert(id, size, Buffer.alloc(32));
  edge.db.prepare(`UPDATE request SET state = 'logged' WHERE id = ?`).run(id);
}

const later = async (days: number) => {
  own.clock.ms += days * DAY;
  own.edge.clock.tell(own.clock.ms);
  while ((await endRetention(own.edge)) > 0);
};

describe('an entry of the log of accesses', () => {
  test('goes after its days, from the disk as well, with one entry that says which; the log is the same', async () => {
    for (let i = 0; i < 3; i++) await view();
    own.clock.ms += DAY;
    await view();
    anchor(4);
    const before = own.edge.access.head();
    await later(1094);
    expect(kept()).toEqual(['view', 'view', 'view', 'view']);
    await later(1);
    expect(kept()).toEqual(['-', '-', '-', 'view', 'erasure']);
    expect(entries()[4]).toMatchObject({
      ...{ actor: 'system', detail: 'time-over', reference: 'ACCESS_DAYS 1095', accesses: [[0, 2]] },
    });
    await later(1);
    expect(kept()).toEqual(['-', '-', '-', '-', 'erasure', 'erasure']);
    expect(entries()[5]).toMatchObject({ accesses: [[3, 3]] });
    expect(onDisk(own)).not.toContain(WHO.justification);
    const leaves = own.edge.access
      .list(0, before.size)
      .map(({ leaf, salt, entry }) => leaf ?? leafOf(salt, entry));
    expect(merkleRoot(leaves)).toEqual(Buffer.from(before.root));
    expect(own.edge.access.consistency(4, 6).length).toBeGreaterThan(0);
    // What says which went stays for good.
    anchor(6);
    await later(3000);
    expect(kept()).toEqual(['-', '-', '-', '-', 'erasure', 'erasure']);
  });

  test('is looked for again at once where some have gone: there may be more', async () => {
    await view();
    anchor(1);
    own.clock.ms += 1096 * DAY;
    own.edge.clock.tell(own.clock.ms);
    expect([await endOver(own.edge), await endOver(own.edge)]).toEqual([MORE, undefined]);
    expect(kept()).toEqual(['-', 'erasure']);
  });

  test('that is not on record in the log of the nation stays until it is', async () => {
    await view();
    await view();
    await later(5000);
    expect(kept()).toEqual(['view', 'view']);
    anchor(1);
    await later(0);
    expect(kept()).toEqual(['-', 'view', 'erasure']);
  });

  test('about a case on legal hold stays as long as that lasts, and keeps no other', async () => {
    own.edge.legalHolds.put(CASE, 'court file 17/26', own.clock.ms);
    for (const caseId of [CASE, OTHER, CASE, OTHER]) await view(caseId);
    anchor(4);
    await later(5000);
    // The hold was found in the database, and so is an entry.
    expect(kept()).toEqual(['view', '-', 'view', '-', 'legal-hold', 'erasure']);
    expect(entries().at(-1)?.accesses).toEqual([
      [1, 1],
      [3, 3],
    ]);
    const { months, held } = await planRetention(own.edge);
    expect([months, held[0]?.accesses]).toEqual([[], 3]);
    own.edge.legalHolds.end(CASE);
    await later(0);
    expect(kept().slice(0, 4)).toEqual(['-', '-', '-', '-']);
    expect(own.edge.access.held()).toEqual(new Set());
  });

  test('is planned for the month in which it goes', async () => {
    await view();
    const month = new Date(own.clock.ms + 1096 * DAY).toISOString().slice(0, 7);
    expect((await planRetention(own.edge)).months).toMatchObject([{ month, accesses: 1 }]);
  });

  test('goes also where there are very many, each named once', async () => {
    await own.edge.commit(() => {
      for (let i = 0; i < 4500; i++)
        own.edge.access.add({
          ...WHO,
          at_ms: own.clock.ms,
          what: 'view',
          case_id: OTHER,
          message_id: '',
          detail: '',
        });
    });
    anchor(4500);
    await later(1096);
    // The rest in the turns that follow: who waits for the end of something else does not wait for these.
    for (let turn = 0; turn < 2; turn++) await endRetention(own.edge);
    const said = entries().flatMap((entry) => entry?.accesses ?? []);
    expect(said).toEqual([
      [0, 1999],
      [2000, 3999],
      [4000, 4499],
    ]);
    expect(kept().filter((what) => what === '-')).toHaveLength(4500);
  });
});
