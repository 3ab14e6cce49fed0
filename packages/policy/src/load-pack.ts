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
  const newest = compiled.get(nation) ?? [];
  const pack =
    newest.find((known) => known.sha256 === sha256) ?? compilePack({ nation, engine: ENGINE, sha256, files });
  compiled.set(nation, [pack, ...newest.filter((known) => known !== pack)].slice(0, KEPT));
  return pack;
}

/** Of each nation: an agency signs as many packs as it likes, and with each one that is kept its verdicts are. */
const KEPT = 2;
const compiled = new Map<string, readonly Pack[]>();
