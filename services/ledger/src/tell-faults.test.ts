import { join } from 'node:path';
import { wire } from '@entente/contract';
import { createMetrics, type Logger, openDatabase } from '@entente/runtime';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LedgerUnderTest, startLedger } from './fixture/test-ledger.js';
import { adoptions, NOW, record, tempDir } from './fixture/test-log.js';
import { createMeter } from './meter.js';
import { SCHEMA } from './store.js';

const signer = await createSigner(await generateKey('Ed25519'));
let temp: ReturnType<typeof tempDir>;
let ledger: LedgerUnderTest;
let lines: { readonly level: string; readonly facts: object; readonly text: string }[];
let metrics: ReturnType<typeof createMetrics>;
const logger = {
  info: () => undefined,
  warn: (facts: object, text: string) => lines.push({ level: 'warn', facts, text }),
  error: (facts: object, text: string) => lines.push({ level: 'error', facts, text }),
} as unknown as Logger;

beforeEach(async () => {
  lines = [];
  metrics = createMetrics();
  temp = tempDir();
  ledger = await startLedger(temp.dir, signer, { nowMs: NOW }, { logger, meter: createMeter(metrics) });
  await ledger.append(...adoptions);
});
afterEach(async () => {
  await ledger.ledger.stop();
  temp.remove();
});

/** Changes the ledger's database behind its back. */
function inDatabase(sql: string): void {
  const db = openDatabase(join(temp.dir, 'ledger.sqlite'), Array(SCHEMA).fill(''));
  db.exec(sql);
  db.close();
}

const failedCount = async () => /^entente_ledger_failed_total (\d+)$/m.exec(await metrics.text())?.[1];

describe('what SQLite does not take', () => {
  const hashOf = (bytes: Uint8Array) => Buffer.from(wire.record.decode(bytes).messageHash).toString('hex');
  const [good, bad, other] = [record('a'), record('a name that is secret'), record('c')];
  beforeEach(() =>
    inDatabase(
      `CREATE TRIGGER bad BEFORE INSERT ON entry WHEN new.message_hash = x'${hashOf(bad)}' BEGIN SELECT raise(ABORT, 'bad'); END`,
    ),
  );

  test('fails alone, as a failure of the ledger, each time that it comes: what stands beside it is logged', async () => {
    expect(await ledger.outcomes(good, bad, other)).toEqual(['2025 3', 'ledger-failed', '2025 4']);
    expect(await ledger.outcomes(bad, record('d'))).toEqual(['ledger-failed', '2025 5']);
    inDatabase('DROP TRIGGER bad');
    expect(await ledger.outcomes(bad, good)).toEqual(['2025 6', '2025 3']);
  });

  test('is told of with an alarm once, by its digest and without what it says', async () => {
    await ledger.append(good, bad, other);
    await ledger.append(bad);
    const facts = {
      request: expect.stringMatching(/^[0-9a-f]{32}$/),
      fault: expect.stringContaining('SQLITE_CONSTRAINT_TRIGGER'),
    };
    expect(lines).toEqual([
      { level: 'error', facts, text: expect.stringMatching(/^ALARM: /) },
      { level: 'warn', facts, text: expect.not.stringMatching(/ALARM/) },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(await failedCount()).toBe('2');
  });
});

test('what the ledger cannot look up is its own failure, and passes with it; what nobody can read is not', async () => {
  inDatabase('ALTER TABLE claim RENAME TO lost');
  const malformed = Buffer.from('garbage');
  expect(await ledger.outcomes(record('a'), malformed)).toEqual(['ledger-failed', 'record-malformed']);
  expect(lines.map(({ level }) => level)).toEqual(['error']);
  expect(await failedCount()).toBe('1');
  inDatabase('ALTER TABLE lost RENAME TO claim');
  expect(await ledger.outcomes(record('a'))).toEqual(['2025 3']);
});
