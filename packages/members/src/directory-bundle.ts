import { wire } from '@entente/contract';
import type { Anchors } from './anchors.js';
import type { Directory } from './directory.js';
import { DirectoryError } from './error.js';
import { openDirectory } from './load-directory.js';

/** A whole directory as one file, so that a log can be checked years later by whom it was written under. */
export function bundleDirectory({ listBytes, nations }: Directory): Uint8Array {
  const files = [...nations].map(([nation, { bytes }]) => ({ nation, part: bytes }));
  return wire.directoryBundle.encode({
    list: listBytes,
    nations: files.sort((a, b) => (a.nation < b.nation ? -1 : 1)),
  });
}

/**
 * Opens what `bundleDirectory` made. Whoever keeps the file controls every byte of it: the list must hold under the anchors,
 * each part under its agency's key, at the time that is asked about.
 * @throws DirectoryError if any part of it cannot be believed; Rejection `too-large`, `frame-malformed`
 */
export async function openDirectoryBundle(
  bytes: Uint8Array,
  anchors: Anchors,
  nowMs: number,
): Promise<Directory> {
  const { list, nations } = wire.directoryBundle.decode(bytes);
  const parts = new Map(nations.map(({ nation, part }) => [nation, part]));
  const files = {
    list: async () => list,
    part: async (nation: string) => {
      const part = parts.get(nation);
      if (!part) throw new Error('it is not in the bundle');
      return part;
    },
  };
  const { directory, faults } = await openDirectory(files, anchors, { nowMs });
  // A nation that was absent on that day is absent here as well; one that is here must hold.
  const broken = faults.find(({ code }) => code !== 'nation-unknown');
  if (broken) throw new DirectoryError(broken.code, broken.message, broken);
  return directory;
}
