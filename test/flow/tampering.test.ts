import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseVkey, verifyLog } from '@entente/audit';
import { type Audit, auditLog, readLog, reconcile } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToHarm } from '../kit/harm.js';
import { CROSSINGS, type LedgerLog, openLedger, writeLedgerLog, writeOtherLog } from '../kit/ledger-log.js';
import { BETWEEN_ROWS } from '../kit/tampering/between.js';
import { DATABASE_ROWS, WHOLE_DATABASE_ROWS } from '../kit/tampering/database.js';
import {
  BIT_ROWS,
  bitsOf,
  contentOf,
  copyAsItIs,
  FLIPS,
  filesBelow,
  findInDatabase,
  flipBit,
  seeded,
} from '../kit/tampering/flip-bits.js';
import { HISTORY_ROWS } from '../kit/tampering/histories.js';
import { LIE_ROWS } from '../kit/tampering/lies.js';
import { copyFiles, FILE_ROWS, leavesOf, signed, signerOf } from '../kit/tampering/log-files.js';
import { lieTools, lyingCopy } from '../kit/tampering/lying-log.js';

const [SIZE, SPARE] = [10_000, 400];
let scratch: string;
let log: LedgerLog;
let entries: number;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-tampering-'));
  log = await writeLedgerLog(join(scratch, 'made'), SIZE, SPARE);
  const { size, faults } = await auditLog(log.source, { verdicts: true });
  expect(faults).toEqual([]);
  entries = size;
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const verified = async (dir: string) => {
  const key = parseVkey(log.source.vkey);
  return await verifyLog(dir, { key, origin: key.name }).then(
    ({ faults }) => faults.map(({ code }) => code as string),
    (error: { readonly code?: string }) => [String(error.code)],
  );
};

describe('in the files of a log of 10,000 entries is found', () => {
  it.each(FILE_ROWS.map((row) => [row.change, row] as const))('%s', async (_change, { how, finds }) => {
    const files = await copyFiles(log, scratch);
    expect(await verified(files.dir)).toEqual([]);
    await how(files);
    expect(new Set(await verified(files.dir))).toEqual(new Set(finds));
    rmSync(files.dir, { recursive: true });
  });
});

/** What is found of that very file. */
const findIn = async (dir: string, path: string): Promise<string[]> => {
  const key = parseVkey(log.source.vkey);
  return await verifyLog(join(dir, 'log'), { key, origin: key.name }).then(
    ({ faults }) => faults.filter((fault) => path.endsWith(fault.path)).map(({ code }) => code),
    (error: { readonly code?: string }) => (path.endsWith('checkpoint') ? [String(error.code)] : []),
  );
};
const findEarlier = async (dir: string): Promise<string[]> =>
  (await readLog({ ...log.source, dir }, () => undefined)).faults.map(({ code }) => code);

/** Flips bits of one file, each in a copy of its own; what is found is counted, and so is what nobody reads. */
const flipAll = async (from: string, name: string, count: number, random: (below: number) => number) => {
  // Read in a copy: whoever opens a database with a journal may end that.
  const whole = mkdtempSync(join(scratch, 'whole-'));
  copyAsItIs(from, whole);
  const before = contentOf(join(whole, 'ledger.sqlite'));
  expect(await findInDatabase({ ...log.source, dir: whole })).toEqual([]);
  const outcome = { found: 0, unread: 0 };
  for (let i = 0; i < count; i++) {
    const dir = mkdtempSync(join(scratch, 'flipped-'));
    copyAsItIs(from, dir);
    const bit = random(bitsOf(join(dir, name)));
    flipBit(join(dir, name), bit);
    const found = await findInDatabase({ ...log.source, dir });
    if (found.length > 0) {
      outcome.found += 1;
      for (const code of found)
        expect([bit, BIT_ROWS.database.finds]).toEqual([bit, expect.arrayContaining([code])]);
    } else {
      outcome.unread += 1;
      expect([bit, contentOf(join(dir, 'ledger.sqlite'))]).toEqual([bit, before]);
    }
    rmSync(dir, { recursive: true });
  }
  return outcome;
};

describe('one bit anywhere in a log of 10,000 entries is found', () => {
  it('in its files', async () => {
    const dir = mkdtempSync(join(scratch, 'bits-'));
    copyAsItIs(log.source.dir, dir);
    const paths = filesBelow(join(dir, 'log'));
    expect(paths.length).toBeLessThanOrEqual(FLIPS.files);
    const random = seeded(20_261_124);
    for (let i = 0; i < FLIPS.files; i++) {
      const path = paths[i < paths.length ? i : random(paths.length)] ?? '';
      const bit = random(bitsOf(path));
      flipBit(path, bit);
      const found = path.endsWith('checkpoints') ? await findEarlier(dir) : await findIn(dir, path);
      flipBit(path, bit);
      const isNamed = found.length > 0 && found.every((code) => BIT_ROWS.files.finds.includes(code as never));
      expect([path, bit, found, isNamed]).toEqual([path, bit, found, true]);
    }
    rmSync(dir, { recursive: true });
  });

  it("in its ledger's database, or nothing reads it", async () => {
    const { found, unread } = await flipAll(log.source.dir, 'ledger.sqlite', FLIPS.database, seeded(4));
    console.info(`database: ${found} of ${FLIPS.database} bits found, ${unread} in space that nothing reads`);
    expect(found).toBeGreaterThan(unread);
  });
});

describe("in the database of a ledger's log of 10,000 entries is found", () => {
  let faults: Audit['faults'];
  beforeAll(async () => {
    const dir = join(scratch, 'harmed');
    cpSync(log.source.dir, dir, { recursive: true });
    const database = openToHarm(join(dir, 'ledger.sqlite'));
    for (const { how } of DATABASE_ROWS) for (const statement of how) database.exec(statement);
    database.close();
    ({ faults } = await auditLog({ ...log.source, dir }, { verdicts: false }));
  });

  it.each(DATABASE_ROWS.map((row) => [row.change, row] as const))('%s', (_change, { finds, where }) => {
    const isOwn = ({ index, detail }: (typeof faults)[number]) =>
      where instanceof RegExp ? index === null && where.test(detail) : where.includes(index ?? -1);
    const found = faults.filter(isOwn);
    const places = where instanceof RegExp ? [null] : where;
    expect(found.map(({ index, code }) => [index, code])).toEqual(
      places.flatMap((index) => finds.map((code) => [index, code])),
    );
  });

  it.each(WHOLE_DATABASE_ROWS.map((row) => [row.change, row] as const))('%s', async (_change, row) => {
    const dir = mkdtempSync(join(scratch, 'harmed-'));
    cpSync(log.source.dir, dir, { recursive: true });
    row.how(join(dir, 'ledger.sqlite'));
    const found = await auditLog({ ...log.source, dir }, { verdicts: false });
    expect(new Set(found.faults.map(({ code }) => code))).toEqual(new Set(row.finds));
    rmSync(dir, { recursive: true });
  });

  it('and nothing that was not changed', () => {
    const rest = faults.filter(
      ({ index, detail }) =>
        !DATABASE_ROWS.some(({ where }) =>
          where instanceof RegExp
            ? index === null && where.test(detail)
            : where.includes((index ?? -1) as never),
        ),
    );
    expect(rest).toEqual([]);
  });
});

describe('in a log of 10,000 entries that a ledger and its gate write together is found', () => {
  let faults: Audit['faults'];
  const foundAt: number[] = [];
  beforeAll(async () => {
    const tools = lieTools(log, SIZE, entries);
    const lies = [];
    for (const { how } of LIE_ROWS) {
      const lie = await how(tools);
      foundAt.push(lie.foundAt ?? entries + lies.length);
      lies.push(lie);
    }
    const source = await lyingCopy(log, join(scratch, 'lying'), lies);
    ({ faults } = await auditLog(source, { verdicts: true }));
  });

  it.each(LIE_ROWS.map((row, i) => [row.change, row, i] as const))('%s', (_change, { finds }, i) => {
    const found = faults.filter(({ index }) => index === foundAt[i]);
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(finds));
  });

  it('and nothing else', () => {
    expect(faults.filter(({ index }) => !foundAt.includes(index ?? -1))).toEqual([]);
  });
});

describe('between two logs of 10,000 entries is found', () => {
  it.each(Object.values(BETWEEN_ROWS).map((row) => [row.change, row.finds] as const))(
    '%s',
    async (_change, finds) => {
      between ??= reconcile([log.source, await writeOtherLog(log, SIZE, { lost: LOST, added: ADDED })], {
        relayMs: 3_600_000,
      });
      const { disagreements, logs } = await between;
      expect(logs.map(({ faults }) => faults)).toEqual([[], []]);
      expect(disagreements.map(({ code }) => code).filter((code) => finds.includes(code as never))).toEqual(
        finds,
      );
      expect(disagreements).toHaveLength(2);
    },
  );
});

/** A referral that the other log lost, and one that only that log has. */
const [LOST, ADDED] = [CROSSINGS * 250, SIZE + CROSSINGS];
let between: ReturnType<typeof reconcile> | undefined;

describe('a second history of 10,000 entries with valid signatures is found', () => {
  it.each([
    ['forked', (leaves: readonly Uint8Array[]) => leaves.slice(0, 9000).with(5000, Buffer.from('forged'))],
    ['cutOff', (leaves: readonly Uint8Array[]) => [...leaves, Buffer.from('cut off')]],
  ] as const)('%s', async (name, change) => {
    const seen = await signed(await signerOf(log), change(leavesOf(log)));
    const { faults } = await auditLog(log.source, { verdicts: false, seen: [seen] });
    expect(faults.map(({ code }) => code)).toEqual(HISTORY_ROWS[name].finds);
  });
});

// Last: the log grows.
describe('one bit anywhere is found', () => {
  it("in its ledger's journal, or nothing reads it", async () => {
    const ledger = await openLedger(log);
    // One batch each, so that the journal holds them beside the database.
    for (let at = SIZE; at < SIZE + 8; at++) await ledger.append([log.recordAt(at).record]);
    const killed = join(scratch, 'killed');
    mkdirSync(killed);
    copyAsItIs(log.source.dir, killed);
    await ledger.stop();
    const { found, unread } = await flipAll(killed, 'ledger.sqlite-wal', FLIPS.journal, seeded(5));
    console.info(`journal: ${found} of ${FLIPS.journal} bits found, ${unread} in space that nothing reads`);
    expect(found).toBeGreaterThan(0);
  });
});
