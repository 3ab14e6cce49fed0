import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { readUnverified } from '@entente/members';
import { adoptedFile } from './adopted-file.js';

/**
 * Who wanted and who agreed to what was adopted, as the file says that its agency has signed: from the archive, by hash and version as
 * the entry names them. Whether the signatures hold, `audit verify` says.
 * @returns null where the archive does not have it
 */
export function readSigned(
  archive: readonly string[],
  { event, adoption }: wire.RecordFrame,
): readonly wire.ResponsibleFrame[] | null {
  const isPack = event === 'adopt-pack';
  const path = archive.map((dir) => join(dir, adoptedFile({ event, adoption }))).find(existsSync);
  if (path === undefined) return null;
  const bytes = readFileSync(path);
  const signed = isPack
    ? [{ ...wire.packBundle.decode(readUnverified(bytes)), part: 'pack' }]
    : wire.directoryBundle.decode(bytes).nations.map(({ part }) => {
        const read = wire.nationPart.decode(readUnverified(part));
        return { ...read, part: read.nation };
      });
  return signed
    .map(({ part, proposedBy, approvedBy }) => ({ part, proposedBy, approvedBy }))
    .filter(({ proposedBy, approvedBy }) => proposedBy !== '' || approvedBy.length > 0);
}

/** In any order. */
export function sameSignoffs(
  one: readonly wire.ResponsibleFrame[],
  other: readonly wire.ResponsibleFrame[],
): boolean {
  const text = (all: readonly wire.ResponsibleFrame[]) =>
    all
      .map(({ part, proposedBy, approvedBy }) => JSON.stringify([part, proposedBy, approvedBy]))
      .sort()
      .join();
  return text(one) === text(other);
}
