import { readSecretFile } from '@entente/seal';

const LEAST = 16;

/**
 * The token that the member's own systems show.
 * @throws Error that never shows it, if it could be guessed, as that of an empty file, or not be sent in a header
 */
export async function readToken(path: string): Promise<string> {
  const token = (await readSecretFile(path)).trim();
  if (token.length < LEAST || !/^[\x21-\x7e]+$/.test(token))
    throw new Error(`${path} does not hold one token of ${LEAST} characters or more, without spaces`);
  return token;
}
