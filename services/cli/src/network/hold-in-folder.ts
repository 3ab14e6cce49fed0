import { join } from 'node:path';
import { isCaseName, isResponsible } from '@entente/contract';
import { writeWhole } from '@entente/runtime';
import { readJsonObject } from '../read-json.js';
import { isThere } from '../read-named.js';
import { UsageError } from '../usage.js';

/** Who wanted it and who approved it, as the file has them. */
export interface HeldBy {
  readonly proposed_by: string;
  readonly approved_by: readonly string[];
}

/** The name under which a ledger looks for it in its DATA_DIR, and a gate in its QUARANTINE_DIR. */
const FILE = 'legal-hold.json';

/**
 * Lays into the folder of a service that one case more is under legal hold, or one less: it reads that before it erases anything, and a
 * ledger's log says so within seconds.
 * @returns the cases that are under legal hold there now, and whether that is new
 * @throws UsageError if the service would not believe it
 */
export function holdInFolder(folder: string, caseId: string, isHeld: boolean, by: HeldBy) {
  if (!isCaseName(caseId)) throw new UsageError(`"${caseId}" is no id of a case.`);
  if (!isResponsible({ proposedBy: by.proposed_by, approvedBy: by.approved_by }))
    throw new UsageError('Who wants and approves it are units or file numbers, on one short line each.');
  const before = heldInFolder(folder);
  if (before.includes(caseId) === isHeld) return { cases: before, isNew: false };
  const cases = isHeld ? [...before, caseId] : before.filter((one) => one !== caseId);
  // Under its name only once it is whole: the service may be looking.
  writeWhole(join(folder, FILE), `${JSON.stringify({ cases, ...by }, null, 2)}\n`, { mode: 0o644 });
  return { cases, isNew: true };
}

/** The cases that are under legal hold there. @throws UsageError where the folder is not there, or the service could not read its file */
export function heldInFolder(folder: string): readonly string[] {
  if (!isThere(folder)) throw new UsageError(`There is no folder ${folder}.`);
  const file = join(folder, FILE);
  if (!isThere(file)) return [];
  const { cases } = readJsonObject(file) as { readonly cases?: unknown };
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new UsageError(`${file} is no legal hold: it has no list of cases.`);
  return cases;
}
