import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { codeOf } from './fixture/code-of.js';
import { withTempFolder } from './fixture/log-on-disk.js';
import { testSigner } from './fixture/test-signer.js';
import { checkpointKeeper, KEPT_CHECKPOINTS, MAX_KEPT_BYTES, splitNotes } from './kept-checkpoints.js';

const signer = testSigner('log.example/de/2026');
const noteOf = (size: number) =>
  signCheckpoint({ origin: signer.key.name, size, root: Buffer.alloc(32, size) }, [signer]);
const DAY = 86_400_000;

test('keeps the first checkpoint of each day, and one after so many entries', async () => {
  await withTempFolder(async (dir) => {
    const keeper = checkpointKeeper(dir, 100);
    const made = [];
    for (const [size, day] of [
      [1, 0],
      [50, 0],
      [101, 0],
      [102, 0],
      [103, 1],
      [103, 2],
    ] as const) {
      made.push(await noteOf(size));
      keeper.keep(made.at(-1) ?? '', day * DAY + 5);
    }
    const kept = splitNotes(readFileSync(join(dir, KEPT_CHECKPOINTS), 'utf8'));
    expect(kept).toEqual([made[0], made[2], made[4]]);
  });
});

test('cuts off what a crash has left of one, and goes on', async () => {
  await withTempFolder(async (dir) => {
    const [first, second] = [await noteOf(7), await noteOf(9)];
    checkpointKeeper(dir).keep(first, 0);
    const path = join(dir, KEPT_CHECKPOINTS);
    for (const half of [second.slice(0, 30), second.slice(0, -20), second]) {
      writeFileSync(path, `${first}\n${half}`);
      expect(splitNotes(readFileSync(path, 'utf8'))).toEqual([first]);
    }
    checkpointKeeper(dir).keep(first, 0);
    expect(readFileSync(path, 'utf8')).toBe(`${first}\n`);
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`${first}\n`), Buffer.from('ff\n\nfe\n\n', 'latin1'), Buffer.of(255)]),
    );
    checkpointKeeper(dir).keep(first, 0);
    expect(readFileSync(path, 'utf8')).toBe(`${first}\n`);
    checkpointKeeper(dir).keep(second, 0);
    expect(splitNotes(readFileSync(path, 'utf8'))).toEqual([first, second]);
  });
});

test('cuts off what a full disk has let through of one, and keeps it whole when there is room', async () => {
  await withTempFolder(async (dir) => {
    const path = join(dir, KEPT_CHECKPOINTS);
    const keeper = checkpointKeeper(dir, 1);
    const [first, second] = [await noteOf(7), await noteOf(9)];
    keeper.keep(first, 0);
    // Nothing can be appended to a folder: that fails as it does for want of room.
    renameSync(path, `${path}.aside`);
    mkdirSync(path);
    expect(() => keeper.keep(second, 0)).toThrow();
    rmdirSync(path);
    writeFileSync(path, `${readFileSync(`${path}.aside`, 'utf8')}${second.slice(0, 40)}`);
    keeper.keep(second, 0);
    expect(readFileSync(path, 'utf8')).toBe(`${first}\n${second}\n`);
  });
});

test('reads no more than there may be, and nothing that is no note', () => {
  expect(codeOf(() => splitNotes('x'.repeat(MAX_KEPT_BYTES + 1)))).toBe('too-large');
  expect(codeOf(() => splitNotes('a\n\nb\n\n'))).toBe('note-malformed');
  expect(splitNotes('')).toEqual([]);
});
