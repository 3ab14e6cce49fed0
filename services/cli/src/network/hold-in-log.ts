import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isCaseName, isResponsible } from '@entente/contract';
import { writeWhole } from '@entente/runtime';
import { readJsonObject } from '../read-json.js';
import { UsageError } from '../usage.js';

/** Who wanted it and who approved it, as the file has them. */
interface HeldBy {
  readonly proposed_by: string;
  readonly approved_by: readonly string[];
}

/**
 * Lays into the folder of a ledger that one case more is under legal hold, or one less: it reads that within seconds, and its log says so.
 * @returns the cases that are under legal hold now
 * @throws UsageError if it is so already, or the ledger would not believe it
 */
export function holdInLog(dataDir: string, caseId: string, isHeld: boolean, by: HeldBy): string[] {
  if (!existsSync(dataDir)) throw new UsageError(`There is no folder ${dataDir} of a ledger.`);
  if (!isCaseName(caseId)) throw new UsageError(`"${caseId}" is no id of a case.`);
  if (!isResponsible({ proposedBy: by.proposed_by, approvedBy: by.approved_by }))
    throw new UsageError('Who wants and approves it are units or file numbers, on one short line each.');
  const file = join(dataDir, 'legal-hold.json');
  const before = readCases(file);
  if (before.includes(caseId) === isHeld)
    throw new UsageError(
      `The case ${caseId} is ${isHeld ? 'under legal hold already' : 'under no legal hold'}.`,
    );
  const cases = isHeld ? [...before, caseId] : before.filter((one) => one !== caseId);
  // Under its name only once it is whole: the ledger may be looking.
  writeWhole(file, `${JSON.stringify({ cases, ...by }, null, 2)}\n`, { mode: 0o644 });
  return cases;
}

function readCases(file: string): string[] {
  if (!existsSync(file)) return [];
  const { cases } = readJsonObject(file) as { readonly cases?: unknown };
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new UsageError(`${file} is no legal hold: it has no list of cases.`);
  return cases;
}
