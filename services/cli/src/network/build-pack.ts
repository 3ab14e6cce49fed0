import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Signoff, wire } from '@entente/contract';
import { packFile, readUnverified, signPack } from '@entente/members';
import { bundlePack, type OpenedPack, openBundle, packsDir } from '@entente/policy';
import { writeWhole } from '@entente/runtime';
import { loadSigner, type Signer } from '@entente/seal';
import { UsageError } from '../usage.js';
import { paths } from './home.js';

export interface BuildOptions {
  readonly nation: string;
  readonly signer: Signer;
  /** The signed file. */
  readonly out: string;
  /** The folder of packs that it is built from. */
  readonly packs?: string;
  /** Default: one more than the file at `out` has, or 1. */
  readonly version?: number;
  /** Who wanted these rules, and who agreed; it is signed with them, and stands in the log where they are adopted. */
  readonly signoff?: Signoff;
}

/** Compiles, checks and signs a nation's pack; what was at `out` is replaced whole, or not at all. */
export async function buildPack({
  nation,
  signer,
  out,
  packs = packsDir,
  version,
  signoff,
}: BuildOptions): Promise<OpenedPack> {
  const { bytes, ...opened } = bundlePack(packs, nation, version ?? (heldAt(out)?.version ?? 0) + 1, signoff);
  const signed = await signPack(bytes, signer);
  writeWhole(out, signed, { mode: 0o644, folderMode: 0o755 });
  return opened;
}

/** For a network on one machine: signs a pack for each nation that has none, or one that this software cannot read. */
export async function ensurePacks(dir: string, nations: readonly string[]): Promise<void> {
  for (const nation of nations) {
    const out = join(paths.packs(dir), packFile(nation));
    if (canOpen(out, nation)) continue;
    const key = paths.secret(dir, `agency.${nation.toLowerCase()}`, 'sign.key');
    await buildPack({ nation, signer: await loadSigner(key), out });
  }
}

function canOpen(path: string, nation: string): boolean {
  try {
    return openBundle(readUnverified(readFileSync(path)), nation).version > 0;
  } catch {
    return false;
  }
}

/**
 * Before a pack is put there: a gate whose pack is of another nation, or an older one, does not start again.
 * @throws UsageError if the pack of another nation is there, or one of this version or a later one
 */
export function checkPlace(out: string, nation: string, version?: number): void {
  const held = heldAt(out);
  if (!held) return;
  if (held.nation !== nation) throw new UsageError(`${out} is of ${held.nation}, not of ${nation}.`);
  if (version !== undefined && version <= held.version)
    throw new UsageError(`Raise its version: ${held.version} is there already.`);
}

/** Undefined: nothing, or damaged and so to be replaced by whatever holds. */
function heldAt(path: string): { readonly nation: string; readonly version: number } | undefined {
  try {
    return wire.packBundle.decode(readUnverified(readFileSync(path)));
  } catch {
    return undefined;
  }
}
