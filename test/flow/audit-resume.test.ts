import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leafHash, merkleRoot, parseVkey, signCheckpoint } from '@entente/audit';
import {
  type Audit,
  AuditStopped,
  auditLog,
  copyLog,
  type LogSource,
  proveLogged,
  runProgram,
} from '@entente/cli';
import { wire } from '@entente/contract';
import { openDatabase } from '@entente/runtime';
import { loadSigner } from '@entente/seal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLog } from '../bench/build-log.mjs';
import { harm } from '../kit/harm.js';
import { capturePrinted } from '../kit/printed.js';

/** Four bundles: audits are stopped and gone on with between them. */
const SIZE = 1000;
let scratch: string;
let log: LogSource & { readonly anchors: string };
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-resume-'));
  log = await buildLog(scratch, SIZE, { crossings: true, distinct: 20 });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const printed = capturePrinted();
const codes = ({ faults }: Audit) => faults.map(({ code }) => code);

/** A copy of the log, to do harm to. */
function copyOf(): typeof log {
  const dir = mkdtempSync(join(scratch, 'copy-'));
  cpSync(log.dir, dir, { recursive: true });
  return { ...log, dir };
}

/** Stops an audit after so many entries; what it knows is in the file. */
async function stopAt(source: LogSource, state: string, done: number): Promise<void> {
  const stop = new AbortController();
  const onProgress = (at: number) => void (at >= done - 256 && stop.abort());
  const run = auditLog(source, { verdicts: true, state, onProgress, signal: stop.signal, saveEveryMs: 0 });
  await expect(run).rejects.toBeInstanceOf(AuditStopped);
}

/** Signed by the log's own key, of as many of its entries as are asked for. */
async function checkpointOf(
  source: LogSource,
  size: number,
  change = (leaf: Uint8Array) => leaf,
): Promise<string> {
  const signer = await loadSigner(join(scratch, 'home/secrets/services.de/ledger.key'));
  const key = parseVkey(source.vkey);
  const database = openDatabase(join(source.dir, 'ledger.sqlite'), ['']);
  const rows = database.prepare('SELECT leaf FROM entry WHERE idx < ? ORDER BY idx').all(size);
  database.close();
  const root = merkleRoot(rows.map(({ leaf }) => leafHash(change(leaf as Uint8Array))));
  return await signCheckpoint({ origin: key.name, size, root }, [{ key, sign: signer.signBytes }]);
}

describe('an audit that was stopped', () => {
  it('goes on where it stood, and finds what one run finds', async () => {
    const copy = copyOf();
    harm(copy, 'UPDATE entry SET salt = zeroblob(16) WHERE idx IN (40, 300, 600, 999)');
    harm(copy, 'UPDATE entry SET salt = NULL, record = NULL WHERE idx BETWEEN 250 AND 260');
    const whole = await auditLog(copy, { verdicts: true });
    expect(new Set(codes(whole))).toEqual(new Set(['record-mismatch', 'erased-without-entry']));
    const state = join(copy.dir, 'state.json');
    for (const done of [256, 512, 768]) await stopAt(copy, state, done);
    const rest = await auditLog(copy, { verdicts: true, state });
    // What the log had signed when it was stopped is held against it as well.
    expect(rest).toMatchObject({ resumedAt: 768, checkpoints: 1 });
    expect({ ...rest, resumedAt: 0, checkpoints: 0 }).toEqual(whole);
    const again = await auditLog(copy, { verdicts: true, state });
    expect({ ...again, resumedAt: 0, checkpoints: 0 }).toEqual(whole);
  });

  it('goes on only with the same log, key, anchors and questions', async () => {
    const copy = copyOf();
    const state = join(copy.dir, 'state.json');
    await stopAt(copy, state, 512);
    await expect(auditLog(copy, { verdicts: false, state })).rejects.toThrow('verdicts');
    const anchors = join(copy.dir, 'anchors.json');
    writeFileSync(anchors, `${readFileSync(copy.anchors, 'utf8')} `);
    await expect(auditLog({ ...copy, anchors }, { verdicts: true, state })).rejects.toThrow('anchors');
    await expect(auditLog({ ...copy, nation: 'FR' }, { verdicts: true, state })).rejects.toThrow('nation');
    for (const text of [
      '',
      '{}',
      '{"of":1,"checkpoints":["a"],"done":{"read":{"log":{"rows":1}}}}',
      'null',
    ]) {
      writeFileSync(state, text);
      await expect(auditLog(copy, { verdicts: true, state })).rejects.toThrow('state.json');
    }
  });

  it('finds that the log is another one since, or an older one', async () => {
    const copy = copyOf();
    const state = join(copy.dir, 'state.json');
    await stopAt(copy, state, 512);
    const note = readFileSync(join(copy.dir, 'log/checkpoint'), 'utf8');
    writeFileSync(join(copy.dir, 'log/checkpoint'), await checkpointOf(copy, 700));
    expect(codes(await auditLog(copy, { verdicts: true, state }))).toEqual(['rollback']);
    writeFileSync(join(copy.dir, 'log/checkpoint'), note);
    // The same log, of which an earlier run has read something else.
    const saved = JSON.parse(readFileSync(state, 'utf8'));
    saved.done.read.log.rows[1].entries = `${'ab'.repeat(32)}${saved.done.read.log.rows[1].entries.slice(64)}`;
    writeFileSync(state, JSON.stringify(saved));
    expect(codes(await auditLog(copy, { verdicts: true, state }))).toEqual(['another-history']);
  });
});

it('an audit on many cores finds what one on few finds', async () => {
  const copy = copyOf();
  const all = { verdicts: true, cores: 4, workersAfter: 128 };
  const whole = await auditLog(copy, all);
  expect(whole).toMatchObject({ seals: SIZE - 2, faults: [], decided: { crossings: { permit: 499 } } });
  harm(copy, 'UPDATE entry SET salt = zeroblob(16) WHERE idx IN (40, 300, 999)');
  const few = await auditLog(copy, { verdicts: true });
  expect(few.faults.length).toBeGreaterThanOrEqual(3);
  expect(await auditLog(copy, all)).toEqual(few);
});

describe('earlier checkpoints', () => {
  it('are held against the log, those that it keeps and those that others have seen', async () => {
    const copy = copyOf();
    const notes = [];
    for (const size of [1, 256, 300, 513, 1000]) notes.push(await checkpointOf(copy, size));
    writeFileSync(join(copy.dir, 'log/checkpoints'), notes.map((note) => `${note}\n`).join(''));
    expect(await auditLog(copy, { verdicts: false })).toMatchObject({ checkpoints: 5, faults: [] });
    // What was signed once, and is not of this log: another entry 10.
    const leaves: Uint8Array[] = [];
    const other = await checkpointOf(copy, 400, (leaf) => {
      leaves.push(leaf);
      return leaves.length === 10 ? Buffer.from('other') : leaf;
    });
    const seen = join(copy.dir, 'seen');
    writeFileSync(seen, other);
    const args = [
      '--log',
      copy.dir,
      '--nation',
      'DE',
      '--vkey',
      copy.vkey,
      '--archive',
      copy.archive[0] ?? '',
    ];
    const verify = ['audit', 'verify', ...args, '--anchors', copy.anchors];
    expect(await runProgram(verify)).toBe(0);
    expect(await runProgram([...verify, '--seen', seen])).toBe(1);
    expect(printed.text).toContain('checkpoint-mismatch');
    // Beyond what an earlier run has read, and within it: its tiles prove it, or do not.
    const state = join(copy.dir, 'state.json');
    await auditLog(copy, { verdicts: false, state });
    expect(codes(await auditLog(copy, { verdicts: false, state, seen: [other] }))).toEqual([
      'checkpoint-mismatch',
    ]);
  });

  it('that the log has come back behind are found, and what is none is named', async () => {
    const copy = copyOf();
    const kept = join(copy.dir, 'log/checkpoints');
    writeFileSync(kept, `${await checkpointOf(copy, 1000)}\n`);
    const database = join(copy.dir, 'log/checkpoint');
    writeFileSync(database, await checkpointOf(copy, 1000));
    const forged = (await checkpointOf(copy, 300)).replace('\n300\n', '\n301\n');
    appendFileSync(kept, `${forged}\n`);
    expect(codes(await auditLog(copy, { verdicts: false }))).toEqual(['note-signature-invalid']);
    writeFileSync(kept, 'a\n\nb\n\n');
    expect(codes(await auditLog(copy, { verdicts: false }))).toEqual(['checkpoints-malformed']);
    writeFileSync(kept, `${await checkpointOf(copy, 1000)}\n`);
    writeFileSync(database, await checkpointOf(copy, 900));
    expect(codes(await auditLog(copy, { verdicts: false }))).toContain('checkpoint-beyond');
  });
});

describe('a copy of a log', () => {
  it('has all that an audit needs, and nothing of what was erased', async () => {
    const copy = copyOf();
    const dir = join(scratch, 'mirror');
    expect(await copyLog(copy, dir)).toMatchObject({ size: SIZE });
    harm(copy, 'UPDATE entry SET salt = NULL, record = NULL WHERE idx = 999');
    const again = await copyLog(copy, dir);
    expect(again.files).toBeLessThan(5);
    const mirror = { ...log, dir, archive: [join(dir, 'archive'), ...log.archive.slice(1)] };
    const { seals, faults, decided } = await auditLog(mirror, { verdicts: true });
    expect(faults).toMatchObject([{ index: 999, code: 'erased-without-entry' }]);
    expect([seals, decided?.crossings.permit]).toEqual([SIZE - 3, 499]);
    const records = readFileSync(join(dir, 'records/003.p/232'));
    expect(records.subarray(-4)).toEqual(Buffer.alloc(4));
    writeFileSync(join(dir, 'records/001'), 'x');
    expect(codes(await auditLog(mirror, { verdicts: false }))).toEqual([
      ...Array(256).fill('record-missing'),
      'erased-without-entry',
    ]);
  });
});

describe('a proof', () => {
  it('is had from the files by index, hash or id, and checked by another command', async () => {
    const { proof, index } = await proveLogged(log, '500');
    expect(index).toBe(500);
    const file = join(scratch, 'entry.tlog-proof');
    const directory = ['--directory', join(scratch, 'home/directory'), '--anchors', log.anchors];
    const own = ['--log', log.dir, '--nation', 'DE', '--vkey', log.vkey, '--archive', log.archive[0] ?? ''];
    expect(await runProgram(['audit', 'prove', '500', ...own, '--out', file])).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(proof);
    printed.text = '';
    expect(await runProgram(['proof', 'verify', file, ...directory])).toBe(0);
    expect(printed.text).toMatch(
      /^holds: entry 500 of .*\n {2}message ([0-9a-f]{32}) from hotline.de to isp.fr/,
    );
    const id = /message ([0-9a-f]{32})/.exec(printed.text)?.[1] ?? '';
    // Its messages repeat after twenty entries: the first one is proved, and the others are named.
    const { others, ...first } = await proveLogged(log, id);
    expect([first.index, others.length]).toEqual([20, 48]);
    const database = openDatabase(join(log.dir, 'ledger.sqlite'), ['']);
    const row = database.prepare('SELECT record FROM entry WHERE idx = ?').get(500);
    database.close();
    const hash = Buffer.from(wire.record.decode(row?.record as Uint8Array).messageHash).toString('hex');
    expect((await proveLogged(log, hash)).index).toBe(20);
    // A proof is of one entry only.
    writeFileSync(file, proof.replace('index 500', 'index 501'));
    expect(await runProgram(['proof', 'verify', file, ...directory])).toBe(1);
  });

  it('is not had of what the log does not hold', async () => {
    await expect(proveLogged(log, '1000')).rejects.toThrow('holds no entry');
    await expect(proveLogged(log, 'ab'.repeat(32))).rejects.toThrow('holds no entry');
    await expect(proveLogged(log, 'what?')).rejects.toThrow('message hash');
  });
});
