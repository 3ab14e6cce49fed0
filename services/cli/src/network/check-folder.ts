import { join } from 'node:path';
import { namesIn as allIn, isThere } from '../read-named.js';
import { UsageError } from '../usage.js';

/** What says that a folder is a quarantine: messages in it, whose turn it is, orders about them, cases on legal hold. */
const OF_QUARANTINE = /@[0-9a-f]{32}\.(json|retry)$|^turn\.lock|^erase$|^legal-hold\.json$/;
const OF_LEDGER =
  /^(ledger\.(sqlite|lock)|database\.json|log|origins|ended|seen|(legal-hold|retention|auditors|succession)\.json)$/;
const OF_EDGE = ', which looks for no such file: name it with --member, or --edge and --edge-token';
/** What a file system or a person has put there. */
const ANYWHERE = /^(\.|lost\+found$)/;

/**
 * That a folder which somebody has named is a quarantine: in another one nothing would ever be found, and what is laid there nobody
 * would read. One that is empty may be one.
 * @throws UsageError that says what to name
 */
export function checkQuarantine(folder: string): void {
  const names = namesIn(folder);
  if (names.length > 0 && !names.some((name) => OF_QUARANTINE.test(name)))
    throw new UsageError(`${folder} is no quarantine of a gate or an edge${instead(folder, names)}.`);
}

/** The same of the DATA_DIR of a ledger. @throws UsageError */
export function checkLedger(folder: string): void {
  const names = namesIn(folder);
  if (names.length > 0 && !names.some((name) => OF_LEDGER.test(name)))
    throw new UsageError(`${folder} is not the DATA_DIR of a ledger${instead(folder, names)}.`);
}

/** The same of that, or the QUARANTINE_DIR of a gate. @throws UsageError */
export function checkHolder(folder: string): void {
  const names = namesIn(folder);
  if (isThere(join(folder, '..', 'edge.sqlite'))) throw new UsageError(`${folder} is of an edge${OF_EDGE}.`);
  if (names.length === 0 || names.some((name) => OF_LEDGER.test(name) || OF_QUARANTINE.test(name))) return;
  const what = names.includes('edge.sqlite')
    ? ` is of an edge${OF_EDGE}.`
    : ` is neither the DATA_DIR of a ledger nor the QUARANTINE_DIR of a gate${instead(folder, names)}.`;
  throw new UsageError(`${folder}${what}`);
}

function namesIn(folder: string): readonly string[] {
  return allIn(folder).filter((name) => !ANYWHERE.test(name));
}

function instead(folder: string, names: readonly string[]): string {
  const inside = ['quarantine', 'ledger'].filter((name) => names.includes(name));
  return inside.length === 0
    ? ''
    : `; it has a folder ${inside.map((name) => join(folder, name)).join(' and ')}`;
}
