import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCase } from './case-timeline.js';
import { createSayers } from './check-sayers.js';
import { type Made, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import { headerIn } from './header-in.js';
import { readChanges } from './read-changes.js';
import { readLog } from './read-log.js';
import { reconcile } from './reconcile.js';
import { sampleLog } from './sample-log.js';

// The attacker is a ledger with its gate: it writes into a record what no honest one does, so that a reader passes it over.

let dir: string;
let log: TestLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-entry-'));
  log = new TestLog(join(dir, 'de'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const sourceOf = ({ at, origin, nation }: TestLog) => ({
  ...{ nation, dir: at, vkey: vkeyOf(origin), archive: [], anchors: null },
});
const CASE = 'ca5e'.repeat(8);
const sealed = (id: string, to = 'isp.fr') =>
  sealOf({ id: id.repeat(32), caseId: CASE, from: 'hotline.de', to, kind: wire.Kind.KIND_REFERRAL });
const crossing = (seal: Uint8Array, more: Made['says'] = {}): Made => {
  const says = { stage: 'leave', step: 'first', verdict: { decision: 'permit' } };
  return { event: 'crossing', says: { seal, messageHash: messageHash(seal), ...says, ...more } };
};

test('a message that has left is compared, drawn and told, also where its entry says that it adopts something', async () => {
  const adoption = { sha256: Buffer.alloc(32, 1), versions: [] };
  await log.grow(crossing(sealed('a'), { adoption }));
  const french = new TestLog(join(dir, 'fr'), 'log.example/fr/2026', 'FR');
  await french.grow({ event: 'setting', timeMs: 2e9, says: { seal: new Uint8Array() } });
  const { disagreements } = await reconcile([sourceOf(log), sourceOf(french)]);
  expect(disagreements.map(({ index, code }) => [index, code])).toEqual([[0, 'never-arrived']]);
  expect((await sampleLog(sourceOf(log), { size: 1 })).strata).toMatchObject([{ event: 'crossing', of: 1 }]);
  expect((await readCase([sourceOf(log)], CASE)).entries).toHaveLength(1);
});

test('nothing is erased by an entry that is no erasure', async () => {
  const erasure = { indices: [0], reason: 'order', reference: 'file 1' };
  log.gone.add(0);
  await log.grow({}, crossing(sealed('a'), { erasure }));
  const { faults } = await readLog(sourceOf(log), () => undefined);
  expect(faults.map(({ index, code }) => [index, code])).toEqual([[0, 'erased-without-entry']]);
});

test('a change is listed, also where its entry has a seal, or says that it adopts, erases, follows or deletes something', async () => {
  const administration = { subject: 'retention-days', before: '60', after: '600', proposedBy: 'unit 4' };
  const other = {
    adoption: { sha256: Buffer.alloc(32, 1), versions: [] },
    erasure: { indices: [0], reason: 'order', reference: 'file 1', proposedBy: 'unit 5' },
    succession: { origin: 'log.example/de/2027', reason: 'year' },
    past: { origin: 'log.example/de/2025' },
  };
  await log.grow(
    { event: 'setting', says: { seal: sealed('a'), administration, ...other } },
    crossing(sealed('b')),
  );
  const { changes } = await readChanges(sourceOf(log));
  expect(changes).toMatchObject([
    { index: 0, event: 'setting', what: 'retention-days: 60 → 600', responsible: [{ proposedBy: 'unit 4' }] },
  ]);
});

test('a member is not said to speak of what is another’s because an entry gives its message a wrong hash', async () => {
  const [own, other] = [sealed('a'), sealed('b', 'ministry.fr')];
  const about = [{ messageId: 'a'.repeat(32), messageHash: messageHash(own) }];
  const statement = { evidence: 'delivered', about };
  const evidence = sealOf({ from: 'isp.fr', to: 'hotline.de', kind: wire.Kind.KIND_EVIDENCE, statement });
  await log.grow(crossing(other, { messageHash: messageHash(own) }), crossing(own), {
    says: { seal: evidence, messageHash: messageHash(evidence) },
  });
  const sayers = createSayers();
  await readLog(sourceOf(log), (entry) =>
    sayers.visit(entry, entry.record ? headerIn(entry.record) : undefined),
  );
  expect(sayers.faults()).toEqual([]);
});
