import { readdirSync } from 'node:fs';
import { isResponsible, Rejection, type Signoff, wire } from '@entente/contract';
import { ENGINE } from './engine-name.js';
import { PolicyError } from './error.js';
import { hashPack } from './hash-pack.js';
import { compileOnce } from './load-pack.js';
import type { Pack } from './pack.js';
import { checkTables, decodeText, type PackFile, readFiles } from './read-files.js';
import { readRules } from './read-rules.js';
import { checkTexts } from './read-texts.js';

/** A pack out of its bundle. */
export interface OpenedPack {
  readonly pack: Pack;
  /** Goes up with each change; two packs with one version are two histories. */
  readonly version: number;
  /** As the agency has signed it: who wanted these rules, and who agreed. */
  readonly signoff: Signoff;
}

/**
 * A nation's pack as one piece of bytes, to be signed by its agency. It is compiled first: what does not validate is not built.
 * @param version 1 to 2³² − 1
 * @throws PolicyError
 */
export function bundlePack(
  dir: string,
  nation: string,
  version: number,
  signoff: Signoff = { proposedBy: '', approvedBy: [] },
): OpenedPack & { readonly bytes: Uint8Array } {
  if (!Number.isInteger(version) || version < 1 || version > 0xffff_ffff) {
    throw new PolicyError('pack-malformed', `"${version}" is no version: write a number from 1 on`);
  }
  const files = readFiles(dir, nation);
  const pack = compileOnce(nation, files);
  checkTexts(pack.texts, idsOfAll(dir));
  const bytes = wire.packBundle.encode({
    nation,
    version,
    engine: ENGINE,
    files: files.map(({ name, bytes }) => ({ name, bytes })),
    ...signoff,
  });
  // What is written can be read: the limits are the same.
  openBundle(bytes, nation);
  return { pack, version, signoff, bytes };
}

/**
 * Reads, checks and compiles a bundle; who signed it is the caller's question.
 * @throws PolicyError `pack-malformed`, `engine-other`, and those of `loadPack`
 */
export function openBundle(bytes: Uint8Array, nation: string): OpenedPack {
  const bundle = decode(bytes);
  if (bundle.nation !== nation)
    throw malformed(`it is the pack of "${bundle.nation.slice(0, 10)}", not of ${nation}`);
  if (bundle.version < 1) throw malformed('it has no version');
  if (!isResponsible(bundle))
    throw malformed('who proposed and approved it is not said in at most 8 short lines, each another');
  if (bundle.engine !== ENGINE) {
    throw new PolicyError(
      'engine-other',
      `the pack was validated with Cedar ${bundle.engine.slice(0, 100)}, here runs ${ENGINE}: build and sign it again`,
    );
  }
  checkNames(
    bundle.files.map(({ name }) => name),
    nation.toLowerCase(),
  );
  const files = bundle.files.map(
    ({ name, bytes }): PackFile => ({ name, bytes, text: decodeText(name, bytes) }),
  );
  const { version, proposedBy, approvedBy } = bundle;
  return { pack: compileOnce(nation, files), version, signoff: { proposedBy, approvedBy } };
}

/**
 * The hash by which a log names the rules of a bundle, and what it says of itself. Nothing is checked or compiled, so it is also of a
 * bundle that was made for another engine.
 * @throws PolicyError `pack-malformed`
 */
export function identifyBundle(bytes: Uint8Array): {
  readonly nation: string;
  readonly version: number;
  /** Hex. */
  readonly sha256: string;
} {
  const { nation, version, engine, files } = decode(bytes);
  return { nation, version, sha256: hashPack(nation, engine, files) };
}

function decode(bytes: Uint8Array): wire.PackBundleFrame {
  try {
    return wire.packBundle.decode(bytes);
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause;
    throw new PolicyError('pack-malformed', `the pack cannot be read: ${cause.message}`, cause);
  }
}

const MAX_FILES = 256;

/** INVARIANT: rising names, so that one content has one order and no name stands twice. */
function checkNames(names: readonly string[], own: string): void {
  if (names.length > MAX_FILES) throw malformed(`it has ${names.length} files, the limit is ${MAX_FILES}`);
  const file = new RegExp(
    `^(?:schema\\.cedarschema|(?:base|${own})/[a-z0-9-]{1,60}\\.cedar|tables/[a-z0-9-]{1,60}\\.json|texts/[a-z]{2}\\.json)$`,
  );
  const stray = names.find((name, i) => !file.test(name) || (i > 0 && name <= (names[i - 1] ?? '')));
  if (stray !== undefined)
    throw malformed(`"${stray.slice(0, 80)}" is no file of this pack, or not in its place`);
  for (const start of ['schema', 'base/', `${own}/`]) {
    if (!names.some((name) => name.startsWith(start))) throw malformed(`${start} is missing`);
  }
  checkTables(names);
}

function malformed(what: string): PolicyError {
  return new PolicyError('pack-malformed', `the pack cannot be used: ${what}`);
}

/** The languages' files are for the packs of a folder together. */
function idsOfAll(dir: string): ReadonlySet<string> {
  const nations = readdirSync(dir).filter((name) => /^[a-z]{2}$/.test(name));
  return new Set(nations.flatMap((nation) => [...readRules(readFiles(dir, nation.toUpperCase())).keys()]));
}
