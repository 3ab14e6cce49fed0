import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Rejection, wire } from '@entente/contract';
import { readUnverified } from '@entente/members';
import { loadPack, openBundle, type Pack } from '@entente/policy';
import { isThere, readNamed } from '../read-named.js';
import { UsageError } from '../usage.js';

/**
 * Finds packs by the hash that a record names. Who signed one is not asked: the hash was adopted in the log, and it names every
 * byte that the rules depend on.
 * @returns a pack, or in words why there is none
 */
export function packFinder(nation: string, dirs: readonly string[]): (sha256: string) => Pack | string {
  const known = new Map<string, Pack | string>();
  return (sha256) => {
    const found = known.get(sha256) ?? search(nation, dirs, sha256);
    known.set(sha256, found);
    return found;
  };
}

/** @param path a signed `.pack` file, or a folder of rules @throws PolicyError, Error */
export function readPack(path: string, nation: string): Pack {
  if (statSync(path).isDirectory()) return loadPack(path, nation);
  return openBundle(readUnverified(readFileSync(path)), nation).pack;
}

/** The same of a path that somebody has named. @throws UsageError that says what is there, PolicyError */
export function readNamedPack(path: string, nation: string): Pack {
  if (!isThere(path))
    throw new UsageError(`There is no ${path}: a signed .pack file or a folder of rules is needed.`);
  if (statSync(path).isDirectory()) return loadPack(path, nation);
  return openBundle(packIn(path).payload, nation).pack;
}

/** What such a file holds; who signed it is not asked. @throws UsageError that names it */
export function packIn(path: string) {
  const signed = readNamed(path);
  try {
    const payload = readUnverified(signed);
    return { signed, payload, nation: wire.packBundle.decode(payload).nation };
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new UsageError(`${path} is no signed pack, or not a whole one.`, { cause });
  }
}

function search(nation: string, dirs: readonly string[], sha256: string): Pack | string {
  const problems: string[] = [];
  for (const path of dirs.flatMap((dir) => candidates(dir, nation, sha256))) {
    try {
      const pack = readPack(path, nation);
      if (pack.sha256 === sha256) return pack;
      if (path.includes(sha256)) problems.push(`${path} holds another pack than its name says`);
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
    }
  }
  const where = problems.length > 0 ? problems.join('; ') : `it is not in ${dirs.join(', ')}`;
  return `pack ${sha256.slice(0, 16)}… cannot be had: ${where}`;
}

/** The file that is named by the hash first; then all others, for a folder that somebody has put together. */
function candidates(dir: string, nation: string, sha256: string): string[] {
  const named = join(dir, `${sha256}.pack`);
  if (existsSync(named)) return [named];
  if (!existsSync(dir)) return [];
  const current = readdirSync(dir).filter((name) => name === `${nation.toLowerCase()}.pack`);
  const isFolderOfRules = existsSync(join(dir, 'schema.cedarschema'));
  return [...current.map((name) => join(dir, name)), ...(isFolderOfRules ? [dir] : [])];
}
