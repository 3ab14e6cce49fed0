import { readFileSync } from 'node:fs';
import type { wire } from '@entente/contract';
import { openPart, signPart } from '@entente/members';
import { writeWhole } from '@entente/runtime';
import { importPublicKey, loadSigner, type Signer } from '@entente/seal';
import { UsageError } from '../usage.js';

/**
 * The next version of a nation's part of the directory, signed by its agency, in the place of the last one at once: services that
 * look meanwhile read the one or the other.
 *
 * INVARIANT: what is signed again was signed by this key before, but for the change: whoever can write the file cannot have a member
 * or a key of his own signed with it.
 * @throws UsageError if it was not, or is another nation's
 */
export async function changePart(
  { nation, file, keyFile }: { readonly nation: string; readonly file: string; readonly keyFile: string },
  nowMs: number,
  change: (part: wire.NationPartFrame) => Partial<wire.NationPartFrame>,
): Promise<wire.NationPartFrame> {
  const signer = await loadSigner(keyFile);
  const part = await openOwn(file, nation, signer);
  if (part.nation !== nation) throw new UsageError(`${file} is of ${part.nation}, not of ${nation}.`);
  const next = { ...part, ...change(part), version: part.version + 1, issuedAtMs: nowMs };
  writeWhole(file, await signPart(next, signer), { mode: 0o644 });
  return next;
}

async function openOwn(
  file: string,
  nation: string,
  { kid, alg, publicJwk }: Signer,
): Promise<wire.NationPartFrame> {
  const bytes = readFileSync(file);
  const key = await importPublicKey(JSON.stringify(publicJwk), { kid, use: 'sig', alg });
  try {
    return await openPart(bytes, nation, new Map([[kid, key]]));
  } catch {
    throw new UsageError(
      `${file} is not signed by this key, and was left as it is: somebody has changed it, or the agency's key is another one by now. Take the part from a service that has it in force; or read what "entente directory export" prints, and sign it with "entente directory sign-part".`,
    );
  }
}
