import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@entente/contract';
import { signedPackFile, withEarlierSeals } from '@entente/members';
import type { OpenedPack } from '@entente/policy';
import { writeWhole } from '@entente/runtime';

/**
 * Keeps a pack under the hash that records name, for whoever decides again; and as this version, with all signatures that it ever had,
 * for whoever asks if the agency had signed what was adopted.
 */
export async function archivePack(
  dir: string,
  { pack, version, signed }: OpenedPack & { readonly signed: Uint8Array },
): Promise<void> {
  const name = signedPackFile(pack.sha256, version);
  const earlier = await readFile(join(dir, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const all = earlier ? withEarlierSeals(signed, earlier) : signed;
  if (all.length > LIMITS.directoryPart)
    throw new Error(`version ${version} of the pack was signed before: build it again with a higher one`);
  archive(dir, name, all);
  archive(dir, `${pack.sha256}.pack`, signed);
}

/** Keeps what a log will be checked by. Whole or not at all; what lies there under this name has the same content, at most with other signatures. */
export function archive(dir: string, name: string, bytes: Uint8Array): void {
  const path = join(dir, name);
  // Other gates of the nation may write the same file; the ledger reads it.
  writeWhole(path, bytes, { mode: 0o644, folderMode: 0o755, aside: `${path}.${process.pid}` });
}
