import { isCount } from './merkle.js';

/** Hashes in a full tile and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** One file of a log: a tile of hashes at a level of tiles (each 256 times the one below), or a bundle of entries. */
export interface TileName {
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; less than 256 for a partial one. */
  readonly width: number;
}

/**
 * The path of a tile or bundle below the log's folder, with `/` (C2SP tlog-tiles): index 1234067 is
 * `tile/0/x001/x234/067`, and its first 5 hashes alone are `tile/0/x001/x234/067.p/5`.
 */
export function tilePath({ level, index, width }: TileName): string {
  let path = threeDigits(index);
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${threeDigits(rest)}/${path}`;
  }
  return `tile/${level}/${path}${width < TILE_WIDTH ? `${PARTIAL}/${width}` : ''}`;
}

/** Reads a path; undefined if it is not exactly the one that `tilePath` gives for some file of a log. */
export function parseTilePath(path: string): TileName | undefined {
  const [, level = '', high = '', low = '', width] = PATH.exec(path) ?? [];
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(high.replaceAll(/[x/]/g, '') + low),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  return isCount(name.index) && tilePath(name) === path ? name : undefined;
}

/** How many hashes (or entries) of this tile a tree of `size` leaves has: 0 to 256. */
export function widthAt(level: TileName['level'], index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** What follows the full tile's path in the name of the folder that holds its partial ones. */
export const PARTIAL = '.p';

// Four groups of three digits are more than a tree of 2^53 leaves has tiles; 63 is the format's last level.
const PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5})([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

function threeDigits(value: number): string {
  return String(value % 1000).padStart(3, '0');
}
