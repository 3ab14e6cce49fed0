import { createHmac } from 'node:crypto';
import { SealError } from './error.js';
import { readSecretFile } from './key-file.js';

/**
 * The pseudonym of a value: `pn:` and 32 hex digits. The same person has the same one throughout a case, so that the
 * recipient can tell two victims apart; in another case another one, so that nobody can join cases by it.
 */
export type Pseudonymiser = (caseId: string, value: string) => string;

/**
 * A secret of 64 hex digits in a file that only its owner can read. The key stays in here.
 * @throws SealError `key-file-malformed` and those of `readSecretFile`
 */
export async function loadPseudonymiser(path: string): Promise<Pseudonymiser> {
  const text = (await readSecretFile(path)).trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new SealError('key-file-malformed', `${path} does not hold 64 hex digits.`);
  }
  const key = Buffer.from(text, 'hex');
  return (caseId, value) => {
    // The length in front: nothing can move from the case into the value under the same pseudonym.
    const hmac = createHmac('sha256', key).update(`${caseId.length}:${caseId}`).update(normalise(value));
    return `pn:${hmac.digest('hex').slice(0, 32)}`;
  };
}

/** One person written in two ways is one person. */
function normalise(value: string): string {
  return value.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
