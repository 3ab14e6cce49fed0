import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint, parseVkey, verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import { openDatabase, openForReading } from '@entente/runtime';
import { createSigner, generateKey } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LedgerUnderTest, startLedger } from './fixture/test-ledger.js';
import { adoptions, ORIGIN, record, rejection, tempDir } from './fixture/test-log.js';
import { folderOf, remainsOf } from './log-folders.js';
import { vkeyOf } from './open-log.js';
import { SCHEMA } from './store.js';

const DAY_MS = 86_400_000;
const NEXT = 'entente.example/de/2026';
const NEW_YEAR = Date.parse('2026-01-01T00:00:00Z');
const signer = await createSigner(await generateKey('Ed25519'));

let temp: ReturnType<typeof tempDir>;
let clock: { nowMs: number };
let ledger: LedgerUnderTest;
/** A log of 2025 with entries of two kinds, ended; and one of 2026. Records go after 60 days, logs after 90. */
beforeEach(async () => {
  temp = tempDir();
  clock = { nowMs: NEW_YEAR - DAY_MS };
  ledger = await startLedger(temp.dir, signer, clock);
  await ledger.append(...adoptions, ofCase('a', 'case-a'), ofCase('b', 'case-b'), rejection('c'));
  const from = new Date(NEW_YEAR).toISOString();
  writeFileSync(
    join(temp.dir, 'succession.json'),
    JSON.stringify({ origin: NEXT, reason: 'time-over', from }),
  );
  await ledger.ledger.turn();
  clock.nowMs = NEW_YEAR;
  await ledger.append(...adoptions, record('d'));
});
afterEach(async () => {
  await ledger.ledger.stop();
  temp.remove();
});

function ofCase(id: string, caseId: string): Uint8Array {
  const header = { protocol: 1, id, caseId, from: 'hotline.de', facts: { category: 'phishing' } };
  return record(id, {
    seal: Buffer.from(`e30.${Buffer.from(wire.header.encode(header)).toString('base64url')}.AAAA`),
  });
}

const restart = async () => {
  await ledger.ledger.stop();
  ledger = await startLedger(temp.dir, signer, clock);
};
const hold = (...cases: string[]) =>
  writeFileSync(join(temp.dir, 'legal-hold.json'), JSON.stringify({ cases }));
const onDay = async (days: number) => {
  clock.nowMs = NEW_YEAR + days * DAY_MS;
  await ledger.ledger.turn();
};
const isThere = () => existsSync(join(temp.dir, 'ledger.sqlite'));
const left = (name: string) => readFileSync(join(remainsOf(temp.dir, ORIGIN), name), 'utf8');
const said = () => {
  const db = openForReading(join(folderOf(temp.dir, NEXT), 'ledger.sqlite'), SCHEMA);
  const rows = db
    .prepare("SELECT record FROM entry WHERE stage IN ('erasure', 'log-deleted') ORDER BY idx")
    .all();
  db.close();
  return rows.map((row) => wire.record.decode(row.record as Uint8Array));
};
const verified = async () =>
  await verifyLog(join(folderOf(temp.dir, NEXT), 'log'), {
    key: parseVkey(vkeyOf(NEXT, signer)),
    origin: NEXT,
  });

describe('records of a log that has ended', () => {
  test('go when their time is over, and the log of now says so', async () => {
    await onDay(60);
    expect(said()[0]).toMatchObject({
      erasure: { indices: [3, 4, 5], reason: 'time-over' },
      past: { origin: ORIGIN },
    });
    expect(await ledger.outcomes(ofCase('a', 'case-a'))).toEqual(['erased']);
    expect((await verified()).faults).toEqual([]);
  });

  test('go by an order that names their log', async () => {
    const order = { indices: [4], reason: 'order', reference: 'court file 17/26', origin: ORIGIN };
    const folder = join(temp.dir, 'erase');
    mkdirSync(folder);
    writeFileSync(join(folder, 'one.json'), JSON.stringify(order));
    writeFileSync(join(folder, 'two.json'), JSON.stringify({ ...order, origin: 'entente.example/de/1999' }));
    await onDay(1);
    expect(said().map(({ erasure, past }) => [erasure?.indices, past?.origin])).toEqual([[[4], ORIGIN]]);
    expect(readdirSync(folder).sort()).toEqual(['one.json.done', 'two.json.refused']);
    expect(await ledger.outcomes(ofCase('b', 'case-b'), ofCase('a', 'case-a'))).toEqual(['erased', '2025 3']);
  });
});

describe('a log whose own time is over', () => {
  test('stays until its day, and goes whole after it, but for its last checkpoint and the counts', async () => {
    await onDay(90);
    expect(isThere()).toBe(true);
    const checkpoint = readFileSync(join(temp.dir, 'log', 'checkpoint'), 'utf8');
    await onDay(90.001);
    expect(isThere()).toBe(false);
    expect(existsSync(join(temp.dir, 'log'))).toBe(false);
    expect(left('checkpoint')).toBe(checkpoint);
    expect(openCheckpoint(checkpoint, parseVkey(vkeyOf(ORIGIN, signer)), ORIGIN).size).toBe(7);
    expect(JSON.parse(left('counts.json'))).toEqual({
      ...{ origin: ORIGIN, size: 7, from: '2025-12-31', to: '2026-01-01' },
      entries: [
        { event: 'adopt-directory', decision: '', category: '', entries: 1 },
        { event: 'adopt-pack', decision: '', category: '', entries: 1 },
        { event: 'crossing', decision: 'permit', category: 'phishing', entries: 2 },
        { event: 'log-closed', decision: '', category: '', entries: 1 },
        { event: 'rejection', decision: 'refuse', category: '', entries: 1 },
        { event: 'setting', decision: '', category: '', entries: 1 },
      ],
    });
    const countsSha256 = createHash('sha256').update(left('counts.json')).digest();
    expect(said().at(-1)).toMatchObject({
      event: 'log-deleted',
      past: { origin: ORIGIN, checkpoint, countsSha256 },
    });
    expect((await verified()).faults).toEqual([]);
  });

  test('is never begun again: neither by the next turn nor by the next start', async () => {
    await onDay(91);
    const [entries, counts] = [said().length, left('counts.json')];
    await restart();
    expect(isThere()).toBe(false);
    await onDay(92);
    expect(isThere()).toBe(false);
    expect(left('counts.json')).toBe(counts);
    expect(said()).toHaveLength(entries);
    const { size } = await verified();
    expect(await ledger.outcomes(record('e'))).toEqual([`2026 ${size}`]);
  });

  test('goes also where a crash has cut its deletion off, and it is said once', async () => {
    const database = join(temp.dir, 'ledger.sqlite');
    await onDay(61);
    await ledger.ledger.stop();
    cpSync(database, `${database}.before`);
    ledger = await startLedger(temp.dir, signer, clock);
    await onDay(91);
    const entries = said().length;
    await ledger.ledger.stop();
    cpSync(`${database}.before`, database);
    ledger = await startLedger(temp.dir, signer, clock);
    await ledger.ledger.turn();
    expect(isThere()).toBe(false);
    expect(said()).toHaveLength(entries);
  });

  test('is kept whole by a legal hold on one of its cases, and goes when that is lifted', async () => {
    hold('case-b', 'case-of-another-log');
    await onDay(200);
    expect(isThere()).toBe(true);
    expect(await ledger.outcomes(ofCase('b', 'case-b'))).toEqual(['2025 4']);
    hold('case-of-another-log');
    await onDay(201);
    expect(isThere()).toBe(false);
  });

  test('stays where the legal hold cannot be read', async () => {
    writeFileSync(join(temp.dir, 'legal-hold.json'), 'not json');
    await expect(onDay(200)).rejects.toThrow(/legal hold/);
    expect(isThere()).toBe(true);
  });

  test('does not go before its records', async () => {
    const short = { retentionDays: 90, logRetentionDays: 89 };
    await expect(startLedger(temp.dir, signer, clock, short)).rejects.toThrow(/LOG_RETENTION_DAYS/);
  });
});

test('a database from before entries were counted is counted at the start', async () => {
  await ledger.ledger.stop();
  const db = openDatabase(join(temp.dir, 'ledger.sqlite'), ['', '', '']);
  db.exec('DELETE FROM tally');
  db.close();
  ledger = await startLedger(temp.dir, signer, clock);
  await onDay(91);
  const { size, entries } = JSON.parse(left('counts.json')) as {
    size: number;
    entries: { entries: number }[];
  };
  expect(entries.reduce((sum, one) => sum + one.entries, 0)).toBe(size);
});
