import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCaseName } from '@entente/contract';

/**
 * The cases of which nothing goes from quarantine, from `legal-hold.json` in its folder: `{"cases": ["…"]}`.
 * @throws Error if the file is there and cannot be read
 */
export function readQuarantineHolds(dir: string): ReadonlySet<string> {
  const path = join(dir, 'legal-hold.json');
  const cases = existsSync(path) ? casesIn(readFileSync(path, 'utf8')) : [];
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new Error(
      `${path} is no legal hold: write {"cases": ["…"]}, each of 1 to 64 letters, digits and hyphens`,
    );
  return new Set(cases);
}

function casesIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly cases?: unknown } | null)?.cases;
  } catch {
    return undefined;
  }
}
