import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { wire } from '@entente/contract';
import { LIST_FILE, readUnverified } from '@entente/members';
import { UsageError } from '../usage.js';

/** What a key was compared with: the list of nations, the file that it replaces, or nothing. */
export type ComparedWith = 'list' | 'file' | 'nothing';

export interface AgencyKey {
  readonly nation: string;
  readonly kid: string;
  /** The signed file that is going to be replaced. */
  readonly out: string;
  /** Folder of the directory; default: the folder of `out`, or `directory` beside that. */
  readonly directory?: string | undefined;
}

/**
 * What another agency's key has signed no service takes, and each goes on with what it had: so it is not put there.
 * @throws UsageError
 */
export function checkAgencyKey({ nation, kid, out, directory }: AgencyKey, nowMs: number): ComparedWith {
  const list = findList(out, directory);
  if (list === undefined) return compareWithFile(kid, out);
  const { agencies } = readList(list);
  const own = agencies.find((agency) => agency.nation === nation);
  const stated = own?.keys.find((key) => key.kid === kid);
  const other = agencies.find(({ keys }) => keys.some((key) => key.kid === kid))?.nation;
  if (!own) throw new UsageError(`${list} does not name ${nation}: nobody would take what is signed for it.`);
  if (!stated)
    throw new UsageError(
      `This is not a key of the agency of ${nation}${other === undefined ? '' : `, but of ${other}`}, by ${list}: nothing was written.`,
    );
  if (stated.revokedAtMs !== 0 || nowMs < stated.validFromMs || nowMs >= stated.validUntilMs)
    throw new UsageError(
      `This key of the agency of ${nation} is revoked, or not of this time, by ${list}: nothing was written.`,
    );
  return 'list';
}

/** How it is said that nobody knows whose key it is. */
export const NOT_COMPARED =
  'Whose key this is was not compared with anything: there is no nations.list beside it, and --directory names none.';

function findList(out: string, directory: string | undefined): string | undefined {
  const folder = dirname(out);
  const asked = directory === undefined ? [folder, join(folder, '..', 'directory')] : [resolve(directory)];
  const found = asked.map((dir) => join(dir, LIST_FILE)).find((file) => existsSync(file));
  if (found === undefined && directory !== undefined)
    throw new UsageError(`There is no ${LIST_FILE} in ${directory}.`);
  return found;
}

/** Its signatures are not looked at: whoever could exchange it could exchange what is signed as well, and services believe neither. */
function readList(file: string): wire.NationListFrame {
  try {
    return wire.nationList.decode(readUnverified(readFileSync(file)));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function compareWithFile(kid: string, out: string): ComparedWith {
  const before = existsSync(out) ? signerIn(out) : undefined;
  if (before === undefined) return 'nothing';
  if (before !== kid)
    throw new UsageError(
      `${out} is signed by another key. If this one is its successor, name the folder of the directory that has it, with --directory.`,
    );
  return 'file';
}

/** Undefined: damaged, and so to be replaced by whatever holds. */
function signerIn(file: string): string | undefined {
  try {
    const [seal = new Uint8Array()] = wire.signedPart.decode(readFileSync(file)).seals;
    const [header = ''] = Buffer.from(seal).toString('latin1').split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
