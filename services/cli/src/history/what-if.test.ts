import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPack, packsDir } from '@entente/policy';
import { expect, test } from 'vitest';
import { type Made, ORIGIN, TestLog, vkeyOf } from './fixture/test-log.js';
import { whatIf } from './what-if.js';

test('a log of nonsense does not fill the memory: so many faults are named, the others counted', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'entente-what-if-'));
  try {
    const made = Array.from({ length: 10_007 }, (): Made => ({ event: 'crossing' }));
    await new TestLog(dir).grow(...made);
    const source = { nation: 'DE', dir, vkey: vkeyOf(ORIGIN), archive: [], anchors: null };
    const { faults, decided } = await whatIf(source, { after: loadPack(packsDir, 'DE') });
    expect(decided).toBe(0);
    expect(faults).toHaveLength(10_001);
    expect(faults[0]).toMatchObject({ index: 0, code: 'record-unreadable' });
    expect(faults.at(-1)).toMatchObject({
      code: 'too-many-faults',
      detail: '7 further faults are not listed',
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
