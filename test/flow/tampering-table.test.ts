import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repoRoot } from '../kit/examples.js';
import { ALL_ROWS, UNLISTED } from '../kit/tampering/all-rows.js';
import { ELSEWHERE } from '../kit/tampering/elsewhere.js';
import { MEMBER_ROWS } from '../kit/tampering/member-logs.js';
import { printRows } from '../kit/tampering/row.js';

describe('docs/tampering.md', () => {
  it('has the table that is printed of the rows: `npm test -- test/flow/tampering-table.test.ts -u` writes it', async () => {
    const path = join(repoRoot, 'docs/tampering.md');
    const whole = readFileSync(path, 'utf8').replace(/^\|[\s\S]*\|\n/m, () => printRows(ALL_ROWS));
    expect(whole).toContain(printRows(ALL_ROWS));
    await expect(whole).toMatchFileSnapshot(path);
    expect(UNLISTED).toBe('none');
  });

  it('names a test for each finding that is made elsewhere, which looks for its code', () => {
    for (const { change, finds, test } of [...ELSEWHERE, ...MEMBER_ROWS]) {
      const text = readFileSync(join(repoRoot, test), 'utf8');
      for (const code of finds)
        expect([change, code, new RegExp(`[' ]${code}'`).test(text)]).toEqual([change, code, true]);
    }
  });
});
