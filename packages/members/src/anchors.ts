import { readFile } from 'node:fs/promises';
import { importPublicKey, type PublicKey } from '@entente/seal';
import { DirectoryError } from './error.js';

/** What a service is given out of band: k of these n keys sign the list of nations. */
export interface Anchors {
  readonly network: string;
  readonly threshold: number;
  readonly keys: ReadonlyMap<string, PublicKey>;
}

/** The file's form: `{"network", "threshold", "keys": [public JWK …]}`. */
export interface AnchorsFile {
  readonly network: string;
  readonly threshold: number;
  readonly keys: readonly { readonly kid: string; readonly alg: string }[];
}

/** @throws DirectoryError `anchors-malformed` */
export async function loadAnchors(path: string): Promise<Anchors> {
  try {
    return await importAnchors(parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new DirectoryError('anchors-malformed', `there is no file of trust anchors ${path}`, cause);
    throw new DirectoryError(
      'anchors-malformed',
      `${path} is not a file of trust anchors ({"network", "threshold", "keys"}): ${(cause as Error).message}`,
      cause,
    );
  }
}

/** The parser would quote what stands there: a secret, where the file of one was named by mistake. */
function parse(text: string): AnchorsFile {
  try {
    return JSON.parse(text) as AnchorsFile;
  } catch {
    throw new Error('it is not JSON');
  }
}

async function importAnchors(file: AnchorsFile): Promise<Anchors> {
  if (!Array.isArray(file?.keys)) throw new Error('it has no list "keys" of public keys');
  const keys = new Map<string, PublicKey>();
  for (const jwk of file.keys) {
    keys.set(jwk.kid, await importPublicKey(JSON.stringify(jwk), { kid: jwk.kid, use: 'sig', alg: jwk.alg }));
  }
  const { network, threshold } = file;
  if (typeof network !== 'string' || !Number.isInteger(threshold) || threshold < 1 || threshold > keys.size) {
    throw new Error(`the threshold must be between 1 and the ${keys.size} different keys`);
  }
  return { network, threshold, keys };
}
