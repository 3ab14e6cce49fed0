import { describe, expect, test } from 'vitest';
import { parseTilePath, type TileName, tilePath, widthAt } from './tile-path.js';

const NAMES: [TileName, string][] = [
  [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
  [{ level: 0, index: 999, width: 256 }, 'tile/0/999'],
  [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
  [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
  [{ level: 2, index: 1234067, width: 5 }, 'tile/2/x001/x234/067.p/5'],
  [{ level: 'entries', index: 7, width: 255 }, 'tile/entries/007.p/255'],
  [{ level: 63, index: 0, width: 1 }, 'tile/63/000.p/1'],
  [{ level: 0, index: 2 ** 45, width: 256 }, 'tile/0/x035/x184/x372/x088/832'],
];

describe('tilePath and parseTilePath', () => {
  test.each(NAMES)('agree about %j', (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual(name);
  });

  test.each([
    '',
    'tile',
    'tile/0',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/x001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/data/000',
    'tile/0/000.p',
    'tile/0/000.p/',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/1/1',
    'tile/0/000\n',
    '/tile/0/000',
    'tile//0/000',
    'tile/0/../0/000',
    `tile/0/${'x999/'.repeat(5)}999`,
    `tile/0/${'x999/'.repeat(6)}999`,
    'checkpoint',
  ])('know no file %j', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

describe('widthAt', () => {
  test('gives the tiles that C2SP tlog-tiles counts for a tree of 70,000 leaves', () => {
    expect([272, 273, 274].map((index) => widthAt(0, index, 70_000))).toEqual([256, 112, 0]);
    expect([0, 1, 2].map((index) => widthAt(1, index, 70_000))).toEqual([256, 17, 0]);
    expect([0, 1].map((index) => widthAt(2, index, 70_000))).toEqual([1, 0]);
    expect(widthAt(3, 0, 70_000)).toBe(0);
    expect(widthAt('entries', 273, 70_000)).toBe(112);
  });

  test('gives a full tile and one hash above it for a tree of 256 leaves', () => {
    expect([widthAt(0, 0, 256), widthAt(0, 1, 256), widthAt(1, 0, 256)]).toEqual([256, 0, 1]);
  });
});
