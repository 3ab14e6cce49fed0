import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { wire } from '@entente/contract';
import { readUnverified, signPart } from '@entente/members';
import { loadSigner } from '@entente/seal';

/**
 * The next version of a nation's part of the directory, signed by its agency, in the place of the last one at once: services that
 * look meanwhile read the one or the other.
 * @param change gets the part as it is; its signature is not checked here, every service checks that of the result
 */
export async function changePart(
  file: string,
  keyFile: string,
  nowMs: number,
  change: (part: wire.NationPartFrame) => Partial<wire.NationPartFrame>,
): Promise<wire.NationPartFrame> {
  const part = wire.nationPart.decode(readUnverified(readFileSync(file)));
  const next = { ...part, ...change(part), version: part.version + 1, issuedAtMs: nowMs };
  writeFileSync(`${file}.new`, await signPart(next, await loadSigner(keyFile)));
  renameSync(`${file}.new`, file);
  return next;
}
