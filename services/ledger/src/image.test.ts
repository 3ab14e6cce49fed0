import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { verifyLog } from '@entente/audit';
import { wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appendBatch } from './append-batch.js';
import { checkLog } from './check-log.js';
import {
  adoptions,
  ORIGIN,
  openTestLog,
  record,
  rejection,
  request,
  seal,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';
import { createImage } from './image.js';

const signer = await testSigner();
let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
beforeEach(() => {
  temp = tempDir();
  ledger = openTestLog(temp.dir, signer);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});

/** As a ledger starts. */
const restart = () => {
  ledger.close();
  ledger = openTestLog(temp.dir, signer);
  checkLog(ledger.log, ledger.tilesDir);
  ledger.image.catchUp();
};
const verify = () => verifyLog(ledger.tilesDir, { key: signer.key, origin: ORIGIN });
let count = 0;
const newRecords = (howMany: number) =>
  Array.from({ length: howMany }, () => {
    count += 1;
    return record(`m${count}`);
  });
/** Fills the log up to a size. */
const growTo = async (size: number) => {
  const missing = size - ledger.store.head().size;
  await ledger.append(
    ...(size === missing ? [...adoptions, ...newRecords(missing - 2)] : newRecords(missing)),
  );
};
const filesBelow = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );

describe('the image of a log', () => {
  test('verifies after each of many batches, over the borders of its tiles', async () => {
    for (const size of [2, 3, 255, 256, 257, 300, 511, 512, 513]) {
      await growTo(size);
      expect(await verify()).toMatchObject({ size, faults: [] });
    }
  });

  test('verifies after a batch that fills more than one tile', async () => {
    await growTo(3);
    await growTo(600);
    expect(await verify()).toMatchObject({ size: 600, faults: [] });
  });

  test('verifies after a restart, and grows on', async () => {
    await growTo(255);
    restart();
    expect(await verify()).toMatchObject({ size: 255, faults: [] });
    await growTo(257);
    restart();
    await growTo(258);
    expect(await verify()).toMatchObject({ size: 258, faults: [] });
  });

  test('holds the leaves in their order', async () => {
    await growTo(5);
    const leaves: string[] = [];
    const onEntry = (_: number, entry: Uint8Array) => void leaves.push(Buffer.from(entry).toString('hex'));
    await verifyLog(ledger.tilesDir, { key: signer.key, origin: ORIGIN, onEntry });
    const stored = leaves.map((_, at) => Buffer.from(ledger.store.entryAt(at)?.leaf ?? []).toString('hex'));
    expect(leaves).toEqual(stored);
  });

  test.each<[string, (dir: string, files: readonly string[]) => void]>([
    ['all its files are gone', (dir) => rmSync(dir, { recursive: true })],
    ['its tiles are gone', (dir) => rmSync(join(dir, 'tile'), { recursive: true })],
    ['its checkpoint is gone', (dir) => rmSync(join(dir, 'checkpoint'))],
    ['every file is empty', (dir, files) => files.forEach((file) => void truncateSync(join(dir, file)))],
    [
      'every file is garbage',
      (dir, files) => files.forEach((file) => void writeFileSync(join(dir, file), 'garbage')),
    ],
    ['a write was cut off', (dir) => writeFileSync(join(dir, '.write.tmp'), 'half')],
  ])('is written again at the start after %s', async (_what, harm) => {
    await growTo(300);
    harm(ledger.tilesDir, filesBelow(ledger.tilesDir));
    restart();
    expect(await verify()).toMatchObject({ size: 300, faults: [] });
  });

  test('is behind after a crash between transaction and image, and mended by the start', async () => {
    await growTo(255);
    const dies = () => {
      throw new Error('killed here');
    };
    const log = { ...ledger.log, image: { ...ledger.image, follow: dies } };
    await expect(appendBatch(log, newRecords(10).map(request))).rejects.toThrow('killed here');
    expect((await verify()).size).toBe(255);
    restart();
    expect(await verify()).toMatchObject({ size: 265, faults: [] });
  });

  test('stands before anybody is answered, also before the same is asked again', async () => {
    const blocked = join(ledger.tilesDir, 'tile');
    writeFileSync(blocked, 'a file where a folder must be');
    await expect(ledger.append(...adoptions)).rejects.toThrow();
    expect(ledger.store.head().size).toBe(2);
    await expect(ledger.append(...adoptions)).rejects.toThrow();
    rmSync(blocked);
    expect(await ledger.outcomes(...adoptions)).toEqual([0, 1]);
    expect(await verify()).toMatchObject({ size: 2, faults: [] });
  });

  test('has no gap after a time in which it could not be written', async () => {
    await growTo(250);
    const bundles = join(ledger.tilesDir, 'tile', 'entries');
    rmSync(bundles, { recursive: true });
    writeFileSync(bundles, '');
    await expect(growTo(260)).rejects.toThrow();
    rmSync(bundles);
    await growTo(270);
    expect(await verify()).toMatchObject({ size: 270, faults: [] });
  });
});

describe('while batch follows batch', () => {
  const faults: unknown[] = [];
  const open = (atOnce: number) => {
    faults.length = 0;
    const onFault = (error: unknown) => void faults.push(error);
    const image = createImage(ledger.tilesDir, ledger.store, { atOnce, onFault });
    const log = { ...ledger.log, image };
    return {
      image,
      append: async (howMany: number) => await appendBatch(log, newRecords(howMany).map(request)),
    };
  };

  test('each of the first has its files, and what comes then is answered before it has some', async () => {
    await growTo(2);
    const { image, append } = open(3);
    const shown: number[] = [];
    for (let i = 0; i < 40; i++) {
      const replies = await append(1);
      expect(replies.map((reply) => wire.appendReply.decode(reply).refusal)).toEqual(['']);
      shown.push(image.publishedSize());
    }
    expect(shown.slice(0, 3)).toEqual([3, 4, 5]);
    expect(new Set(shown).size).toBeLessThan(40);
    await vi.waitFor(() => expect(image.publishedSize()).toBe(42), 10_000);
    expect(await verify()).toMatchObject({ size: 42, faults: [] });
    expect(faults).toEqual([]);
  });

  test('what could not be written meanwhile keeps the next batch from being answered', async () => {
    await growTo(2);
    const { image, append } = open(1);
    await append(1);
    const tiles = join(ledger.tilesDir, 'tile');
    renameSync(tiles, `${tiles}.aside`);
    writeFileSync(tiles, 'a file where a folder must be');
    // On a machine that was slow here it is not answered itself.
    await append(1).catch((error: unknown) => faults.push(error));
    await vi.waitFor(() => expect(faults).not.toEqual([]), 10_000);
    await expect(append(1)).rejects.toThrow();
    await expect(append(1)).rejects.toThrow();
    rmSync(tiles);
    renameSync(`${tiles}.aside`, tiles);
    await append(1);
    image.catchUp();
    expect(await verify()).toMatchObject({ size: ledger.store.head().size, faults: [] });
  });
});

test('the files are written by themselves once they can be, though nobody appends', async () => {
  await growTo(2);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const blocked = join(ledger.tilesDir, 'checkpoint');
    rmSync(blocked);
    mkdirSync(join(blocked, 'in its place'), { recursive: true });
    await expect(ledger.append(...newRecords(1))).rejects.toThrow();
    rmSync(blocked, { recursive: true });
    vi.advanceTimersByTime(5000);
    expect(ledger.image.publishedSize()).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

describe('a second writer', () => {
  test('is refused, and does not fork the log', async () => {
    await growTo(3);
    const second = openTestLog(temp.dir, signer);
    const [ours, theirs] = await Promise.allSettled([
      ledger.append(...newRecords(2)),
      second.append(...newRecords(1)),
    ]);
    expect([ours?.status, theirs?.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(second.store.head()).toEqual(ledger.store.head());
    second.close();
    restart();
    expect((await verify()).faults).toEqual([]);
  });

  test('is refused by the size alone, with nothing of its batch kept', async () => {
    await growTo(3);
    const head = ledger.store.head();
    const late = { index: 900, leaf: seal('x'), salt: seal('x'), record: rejection('x') };
    const key = { messageHash: seal('x'), stage: 'leave', step: 'first' };
    const counted = { event: 'crossing', decision: 'permit', category: '' };
    const commit = (oldSize: number) =>
      ledger.store.commit(
        oldSize,
        { size: 901, note: 'forged', timeMs: 0 },
        [
          {
            ...late,
            key,
            claim: { sender: 's', id: 'i' },
            approval: null,
            adoption: null,
            erases: [],
            counted,
          },
        ],
        [{ level: 9, index: 9, hash: seal('x') }],
      );
    for (const oldSize of [0, 2, 4]) expect(() => commit(oldSize)).toThrow(/another process/);
    expect(ledger.store.head()).toEqual(head);
    expect(ledger.store.findEntry(key)).toBeUndefined();
    expect(ledger.store.claimedBy({ sender: 's', id: 'i' })).toBeUndefined();
    expect(ledger.store.readNode(9, 9)).toBeUndefined();
  });
});

describe('checkLog', () => {
  const copyDatabase = () =>
    readdirSync(temp.dir)
      .filter((name) => name.startsWith('ledger.sqlite'))
      .map((name) => [join(temp.dir, name), readFileSync(join(temp.dir, name))] as const);

  test('refuses a database that was restored to less than was published', async () => {
    await growTo(3);
    const backup = copyDatabase();
    await growTo(5);
    ledger.close();
    for (const [path] of copyDatabase()) rmSync(path);
    for (const [path, bytes] of backup) writeFileSync(path, bytes);
    expect(restart).toThrow(/5 were published/);
  });

  test('refuses an empty database beside a published log', async () => {
    await growTo(3);
    ledger.close();
    for (const [path] of copyDatabase()) rmSync(path);
    expect(restart).toThrow(/3 were published/);
  });

  test('refuses a log of another origin or another key', async () => {
    await growTo(3);
    const other = await testSigner();
    expect(() => checkLog({ ...ledger.log, origin: 'entente.example/de/2026' }, ledger.tilesDir)).toThrow();
    expect(() => checkLog({ ...ledger.log, signer: other }, ledger.tilesDir)).toThrow();
  });

  test('takes an empty log', () => {
    expect(restart).not.toThrow();
  });
});
