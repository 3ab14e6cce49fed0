import { merkleRoot, verifyConsistency } from '@entente/audit';
import type { Access } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leafOf } from './fixture/leaf-of.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { logAccess, type Person } from './log-access.js';

const ANNA: Person = { actor: `pn:${'a'.repeat(32)}`, justification: '' };
const BERT: Person = { actor: `pn:${'b'.repeat(32)}`, justification: 'file 17/26' };

let own: TestEdge;
beforeEach(async () => {
  own = await testEdge();
});
afterEach(() => own.close());

const log = async (person: Person, what: Access, detail = '') =>
  await logAccess(own.edge, person, what, { case_id: 'c'.repeat(32), detail });
const said = () => own.edge.access.list(0, 100).map(({ entry }) => JSON.parse(entry) as object);

test('an entry says who saw what of which case, when and why', async () => {
  await log(BERT, 'export', 'evidence file');
  expect(said()).toEqual([
    {
      ...{ at_ms: own.clock.ms, ...BERT, what: 'export' },
      ...{ case_id: 'c'.repeat(32), message_id: '', detail: 'evidence file' },
    },
  ]);
});

test('each view is one, and the same question of the same person one a minute', async () => {
  for (let i = 0; i < 3; i++) await log(ANNA, 'view');
  for (let i = 0; i < 3; i++) await log(ANNA, 'search', 'inbox');
  await log(ANNA, 'search', 'holds');
  await log(BERT, 'search', 'inbox');
  expect(said()).toHaveLength(6);
  own.clock.ms += 60_000;
  await log(ANNA, 'search', 'inbox');
  expect(said()).toHaveLength(7);
});

test('a clock that goes back hides nothing', async () => {
  await log(ANNA, 'search', 'inbox');
  own.clock.ms -= 3_600_000;
  await log(ANNA, 'search', 'inbox');
  expect(said()).toHaveLength(2);
});

describe('the tree', () => {
  test('is the one of RFC 6962 over the salted entries, and grows provably', async () => {
    const heads = [own.edge.access.head()];
    for (let i = 0; i < 20; i++) {
      await Promise.all([log(ANNA, 'view', `${i}`), log(BERT, 'open', `${i}`)]);
      heads.push(own.edge.access.head());
    }
    const leaves = own.edge.access.list(0, 100).map(({ salt, entry }) => leafOf(salt, entry));
    const { size, root } = own.edge.access.head();
    expect([size, Buffer.from(root)]).toEqual([40, merkleRoot(leaves)]);
    for (const { size: oldSize, root: oldRoot } of heads)
      verifyConsistency({ oldSize, oldRoot, size, root, proof: own.edge.access.consistency(oldSize, size) });
  });

  test('of two equal entries has two different leaves', async () => {
    await log(ANNA, 'view');
    await log(ANNA, 'view');
    const [one, two] = own.edge.access.list(0, 2).map(({ salt, entry }) => leafOf(salt, entry));
    expect(one).not.toEqual(two);
  });

  test('is as it was when what belongs to an entry fails with it', async () => {
    await log(ANNA, 'view');
    const before = own.edge.access.head();
    const failed = own.edge.commit(() => {
      own.edge.access.add({ ...(said()[0] as Parameters<typeof own.edge.access.add>[0]) });
      throw new Error('and nothing of it is kept');
    });
    await expect(failed).rejects.toThrow('nothing of it');
    expect(own.edge.access.head()).toEqual(before);
    expect(said()).toHaveLength(1);
  });
});
