import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCase } from './case-timeline.js';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';

const [CASE, OTHER] = ['ca5e'.repeat(8), '07e4'.repeat(8)];
const SIGNOFF = { proposedBy: 'unit 4', approvedBy: ['court file 17/26'] };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-case-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const message = (caseId: string): Made => {
  const seal = sealOf({ id: caseId, caseId, from: 'hotline.de', to: 'isp.fr' });
  return { event: 'crossing', says: { seal, messageHash: messageHash(seal), stage: 'leave' } };
};
const hold = (added: string[], removed: string[], signoff = {}): Made => ({
  event: 'setting',
  says: { seal: new Uint8Array(), administration: { subject: 'legal-hold', added, removed, ...signoff } },
});

test('a case is told with the legal holds on it in the log, who wanted them and who agreed; none on others', async () => {
  const log = new TestLog(dir);
  await log.grow(hold([OTHER], []), message(CASE), hold([OTHER, CASE], [], SIGNOFF), hold([], [CASE]));
  const source = { nation: 'DE', dir: log.at, vkey: vkeyOf(ORIGIN), archive: [], anchors: null };
  const { entries, settings, faults } = await readCase([source], CASE);
  expect(faults).toEqual([]);
  expect(entries.map(({ index }) => index)).toEqual([1]);
  expect(settings).toMatchObject([
    { nation: 'DE', index: 2, subject: 'legal-hold', begins: true, ...SIGNOFF },
    { nation: 'DE', index: 3, subject: 'legal-hold', begins: false, proposedBy: '', approvedBy: [] },
  ]);
});
