import { compilePack } from './compile-pack.js';
import { ENGINE } from './engine-name.js';
import { hashPack } from './hash-pack.js';
import type { Pack } from './pack.js';
import { type PackFile, readFiles } from './read-files.js';

/**
 * Reads, checks and compiles a nation's pack from a folder of packs. Strict: a pack with a rule or a row that would not
 * do what its author meant is not loaded at all.
 * @throws PolicyError
 */
export function loadPack(dir: string, nation: string): Pack {
  return compileOnce(nation, readFiles(dir, nation));
}

/** @throws PolicyError */
export function compileOnce(nation: string, files: readonly PackFile[]): Pack {
  const sha256 = hashPack(nation, ENGINE, files);
  const known = compiled.get(sha256);
  if (known) return known;
  const pack = compilePack({ nation, engine: ENGINE, sha256, files });
  compiled.set(sha256, pack);
  return pack;
}

// The engine keeps what it has parsed under the pack's hash for as long as the process lives; so does this.
const compiled = new Map<string, Pack>();
