import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { encodeBundle } from './entry-bundle.js';
import { codeOfPromise } from './fixture/code-of.js';
import { listFiles, writeLog } from './fixture/log-on-disk.js';
import { flipBit, ORIGIN, options, signer } from './fixture/log-under-test.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { testSigner } from './fixture/test-signer.js';
import { consistencyProof } from './prove.js';
import { verifyConsistency } from './verify-consistency.js';
import { verifyLog } from './verify-log.js';

/** The classes of `docs/tampering.md` that the log itself shows, over a log of 10,000 entries. */
const SIZE = 10_000;
const FLIPS = 200;
const entries = numberedEntries(SIZE);
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-tampering-'));
  await writeLog(dir, entries, signer, [9000, SIZE]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What is found after the change; everything is put back. */
async function found(paths: readonly string[], change: () => void | Promise<void>): Promise<Set<string>> {
  const before = paths.map((path) => [path, readFileSync(join(dir, path))] as const);
  try {
    await change();
    return new Set((await verifyLog(dir, options)).faults.map(({ code }) => code));
  } finally {
    for (const [path, bytes] of before) writeFileSync(join(dir, path), bytes);
  }
}

const BUNDLE = 'tile/entries/007';
const bundle = (list: readonly Uint8Array[]) => () => writeFileSync(join(dir, BUNDLE), encodeBundle(list));
const own = entries.slice(7 * 256, 8 * 256);

describe('in a log of 10,000 entries is found', () => {
  test('nothing, where nothing was done', async () => {
    expect(await found([], () => undefined)).toEqual(new Set());
  });

  test('one bit anywhere', async () => {
    const files = listFiles(dir);
    let state = 20_261_124;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % below;
    };
    for (let i = 0; i < FLIPS; i++) {
      const path = files[i < files.length ? i : random(files.length)] ?? '';
      const bit = random(readFileSync(join(dir, path)).length * 8);
      flipBit(join(dir, path), bit);
      const outcome = await verifyLog(dir, options).then(
        ({ faults }) => faults.map((fault) => fault.path),
        (error: { code?: string }) => [String(error.code)],
      );
      flipBit(join(dir, path), bit);
      const named =
        path === 'checkpoint' ? /^(note|checkpoint)-/.test(outcome[0] ?? '') : outcome.includes(path);
      expect([path, bit, named]).toEqual([path, bit, true]);
    }
  });

  test('an entry removed, inserted, or two swapped', async () => {
    expect(await found([BUNDLE], bundle(own.toSpliced(44, 1)))).toEqual(new Set(['file-malformed']));
    expect(await found([BUNDLE], bundle(own.toSpliced(44, 0, Buffer.from('new'))))).toEqual(
      new Set(['file-malformed']),
    );
    const swapped = own.with(44, own[45] ?? Buffer.alloc(0)).with(45, own[44] ?? Buffer.alloc(0));
    expect(await found([BUNDLE], bundle(swapped))).toEqual(new Set(['entry-mismatch']));
  });

  test('a file that is cut off, or gone', async () => {
    expect(await found([BUNDLE], () => truncateSync(join(dir, BUNDLE), 100))).toEqual(
      new Set(['file-malformed']),
    );
    expect(await found(['tile/0/009'], () => rmSync(join(dir, 'tile/0/009')))).toEqual(
      new Set(['file-missing']),
    );
  });

  test('an old checkpoint put back', async () => {
    const { root } = memoryTree(entries.slice(0, 9000));
    const old = await signCheckpoint({ origin: ORIGIN, size: 9000, root }, [signer]);
    const codes = await found(['checkpoint'], () => writeFileSync(join(dir, 'checkpoint'), old));
    expect(codes).toEqual(new Set(['beyond-checkpoint']));
  });

  test('a checkpoint that is signed for another tree, by another key, or for another log', async () => {
    const other = memoryTree(entries.with(5000, Buffer.from('forged')));
    const put = async (note: string) => {
      const before = readFileSync(join(dir, 'checkpoint'));
      writeFileSync(join(dir, 'checkpoint'), note);
      try {
        return await codeOfPromise(
          verifyLog(dir, options).then(({ faults }) => {
            throw Object.assign(new Error('found'), { code: faults[0]?.code });
          }),
        );
      } finally {
        writeFileSync(join(dir, 'checkpoint'), before);
      }
    };
    const at = { origin: ORIGIN, size: SIZE, root: other.root };
    const before = readFileSync(join(dir, 'checkpoint'));
    writeFileSync(join(dir, 'checkpoint'), await signCheckpoint(at, [signer]));
    const { faults } = await verifyLog(dir, options);
    writeFileSync(join(dir, 'checkpoint'), before);
    expect(faults.map(({ code }) => code)).toEqual(['root-mismatch']);
    expect(await put(await signCheckpoint(at, [testSigner(ORIGIN)]))).toBe('note-unsigned');
    const elsewhere = testSigner('log.example/fr/2026');
    expect(await put(await signCheckpoint({ ...at, origin: elsewhere.key.name }, [elsewhere]))).toBe(
      'note-unsigned',
    );
  });

  test('a second history with valid signatures, by whoever has seen the first', async () => {
    const first = memoryTree(entries.slice(0, 9000));
    const second = memoryTree(entries.with(5000, Buffer.from('forged')));
    const note = await signCheckpoint({ origin: ORIGIN, size: SIZE, root: second.root }, [signer]);
    const { size, root } = openCheckpoint(note, signer.key, ORIGIN);
    const proof = consistencyProof(9000, SIZE, second.readNode);
    expect(() => verifyConsistency({ oldSize: 9000, oldRoot: first.root, size, root, proof })).toThrow(
      expect.objectContaining({ code: 'consistency-invalid' }),
    );
  });
});

describe('docs/tampering.md', () => {
  const repo = new URL('../../../', import.meta.url);
  const rows = readFileSync(new URL('docs/tampering.md', repo), 'utf8')
    .split('\n')
    .filter((line) => /^\| [a-z1]/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  test('names every finding with a test that expects it', () => {
    expect(rows.length).toBeGreaterThan(12);
    for (const [, change, finding = '', , file = ''] of rows) {
      const url = new URL(file.replaceAll('`', ''), repo);
      expect([change, existsSync(url)]).toEqual([change, true]);
      for (const code of finding.split(',').map((word) => word.trim().replaceAll('`', '')))
        expect([change, code, new RegExp(`[' ]${code}'`).test(readFileSync(url, 'utf8'))]).toEqual([
          ...[change, code, true],
        ]);
    }
  });
});
