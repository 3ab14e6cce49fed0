import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { wire } from '@entente/contract';
import {
  agencyKeysOf,
  type Directory,
  datePack,
  openPack,
  type Span,
  signedPackFile,
} from '@entente/members';
import { identifyBundle } from '@entente/policy';
import { hex } from './hex.js';
import type { LogFault } from './read-log.js';

/** An entry that adopts a pack. */
export interface PackAdoption {
  readonly index: number;
  readonly timeMs: number;
  readonly nation: string;
  /** Hex. */
  readonly sha256: string;
  readonly version: number;
}

export function packAdoption(index: number, timeMs: number, record: wire.RecordFrame): PackAdoption {
  const { sha256, versions = [] } = record.adoption ?? {};
  return { index, timeMs, nation: record.nation, sha256: hex(sha256), version: versions[0]?.version ?? 0 };
}

/** INVARIANT: an entry claims no other versions than what it adopts: by them the ledger refuses what goes back. */
export function checkDirectoryAdoption(
  index: number,
  directory: Directory | string,
  { adoption }: wire.RecordFrame,
): LogFault[] {
  if (typeof directory === 'string') return [{ index, code: 'directory-missing', detail: directory }];
  const said = versionWords(adoption?.versions ?? []);
  const is = versionWords(directory.versions);
  return said === is ? [] : [versionsDiffer(index, said, is)];
}

/**
 * The ledger has no directory and believes its gate, so whoever has the gate's credentials can adopt rules that no agency knows.
 * What was adopted has to lie in the archive as the agency has signed it, with a key that held when it was adopted.
 * @param directory what the log had adopted by then, or in words why it cannot be had
 */
export async function checkPackAdoption(
  adopted: PackAdoption,
  directory: Directory | string,
  archive: readonly string[],
): Promise<LogFault[]> {
  const { index, timeMs, nation, sha256, version } = adopted;
  if (typeof directory === 'string') return [{ index, code: 'directory-missing', detail: directory }];
  const signed = readFirst(archive, signedPackFile(sha256, version));
  if (!signed) {
    const detail = `pack ${sha256.slice(0, 16)}… as version ${version} is not in ${archive.join(', ')}`;
    return [{ index, code: 'pack-missing', detail }];
  }
  try {
    const keys = await agencyKeysOf(directory, nation, timeMs);
    const is = identifyBundle((await openPack(signed, nation, keys)).bundle);
    if (is.sha256 !== sha256) throw new Error('what its agency has signed are other rules than were adopted');
    if (is.version === version) return [];
    return [versionsDiffer(index, `pack ${version}`, `pack ${is.version}`)];
  } catch (error) {
    return [{ index, code: 'pack-not-signed', detail: (error as Error).message }];
  }
}

/**
 * When what is adopted may be decided by under a directory that may be younger: its agency's key can have been revoked since. A gate
 * decides nothing then until the agency has signed again; the same rules under a higher version are no new entry, but lie in the archive.
 * @returns null: it cannot be told
 */
export async function spansOfAdopted(
  { nation, sha256 }: PackAdoption,
  directory: Directory | string,
  archive: readonly string[],
): Promise<readonly Span[] | null> {
  if (typeof directory === 'string') return null;
  const spans: Span[] = [];
  for (const path of signedForms(archive, sha256)) {
    const dated = await datePack(directory, nation, readFileSync(path)).catch(() => undefined);
    // Whoever can write there must not lend it another pack's signature.
    if (dated && identifyBundle(dated.bundle).sha256 === sha256) spans.push(...dated.spans);
  }
  return spans;
}

/** Every file in which these rules lie as somebody has signed them. */
function signedForms(archive: readonly string[], sha256: string): string[] {
  const form = new RegExp(`^${sha256}\\.(?:[1-9][0-9]{0,9}\\.)?pack$`);
  return archive
    .filter((dir) => existsSync(dir))
    .flatMap((dir) => readdirSync(dir).flatMap((name) => (form.test(name) ? [join(dir, name)] : [])));
}

function readFirst(archive: readonly string[], name: string): Buffer | undefined {
  for (const dir of archive) {
    try {
      return readFileSync(join(dir, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** In any order. */
function versionWords(versions: Directory['versions']): string {
  return versions
    .map(({ part, version }) => `${part} ${version}`)
    .sort()
    .join(', ');
}

function versionsDiffer(index: number, said: string, is: string): LogFault {
  return { index, code: 'versions-differ', detail: `it is said to be ${said || 'nothing'}, and is ${is}` };
}
