import { existsSync, readFileSync } from 'node:fs';
import { readUnverified } from '@entente/members';
import { writeWhole } from '@entente/runtime';
import { UsageError } from '../usage.js';

/** What a signed file of the directory says of itself; a list of nations is of no one of them. */
interface Stated {
  readonly version: number;
  readonly nation?: string;
}

/**
 * Puts a signed part or list in the place of the last one at once: services that look meanwhile read the one or the other. The same
 * content may be signed again, by another key. What every service would refuse is not put there.
 * @param decode the content of such a file; signatures are not checked here, every service checks those of the result
 * @throws UsageError if another content is there under this version or a later one
 */
export function putSigned<T extends Stated>(
  file: string,
  signed: Uint8Array,
  decode: (payload: Uint8Array) => T,
): T {
  const payload = readUnverified(signed);
  const next = decode(payload);
  const before = existsSync(file) ? heldIn(file, decode) : undefined;
  if (before && before.stated.nation !== next.nation)
    throw new UsageError(`${file} is of ${before.stated.nation}, not of ${next.nation}.`);
  if (before && before.stated.version >= next.version && !before.payload.equals(payload))
    throw new UsageError(`Raise its version: ${before.stated.version} is there already, with other content.`);
  writeWhole(file, signed, { mode: 0o644 });
  return next;
}

/** Undefined: damaged, and so to be replaced by whatever holds. */
function heldIn<T>(file: string, decode: (payload: Uint8Array) => T) {
  try {
    const payload = Buffer.from(readUnverified(readFileSync(file)));
    return { payload, stated: decode(payload) };
  } catch {
    return undefined;
  }
}
