import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { TestLog, vkeyOf } from './fixture/test-log.js';
import { planErasure } from './plan-erasure.js';

const ORIGIN = 'log.example/de/2026';
const RETAINED = { days: 90, logDays: 100 };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-plan-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test.each(['{}', '{"cases": "all"}', '{"cases": [1]}', '[]', 'no JSON'])(
  'a legal hold that the ledger could not read is no plan without it: %s',
  async (text) => {
    await new TestLog(dir, ORIGIN).grow({});
    writeFileSync(join(dir, 'legal-hold.json'), text);
    const source = { nation: 'DE', dir, dataDir: dir, vkey: vkeyOf(ORIGIN), archive: [], anchors: null };
    await expect(planErasure(source, RETAINED, new Set())).rejects.toThrow(UsageError);
  },
);
