import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError } from '@entente/audit';
import { isAddress } from './http-files.js';

/**
 * What is wrong with the checkpoint of a log says of which, and where: whoever reads several, or has mistaken a key, knows no more from
 * "no known key has signed the note".
 * @param place folder or address of the checkpoint
 * @throws AuditError with the same code, in these words
 */
export async function namingPlace<T>(place: string, vkey: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new AuditError(error.code, wordsOf(error, place, vkey), error);
  }
}

function wordsOf({ code, message }: AuditError, place: string, vkey: string): string {
  if (code === 'checkpoint-missing') return `There is no log in ${place}: ${whyNone(place)}.`;
  if (!/^(note|checkpoint)-/.test(code) && code !== 'too-large') return message;
  const key = vkey.split('+').slice(0, 2).join('+');
  return `What ${place} shows as its checkpoint is none that the key ${key} has signed (${code}: ${message}) Either this is not the key of that log, or what is there is not what its ledger has signed.`;
}

function whyNone(place: string): string {
  if (isAddress(place)) return 'no checkpoint is shown there, or none that can be read';
  if (!existsSync(place)) return 'there is no such folder';
  return existsSync(join(place, 'log', 'checkpoint'))
    ? 'it is the folder of a ledger, whose log is in its folder "log"'
    : 'it has no file "checkpoint" that can be read';
}
