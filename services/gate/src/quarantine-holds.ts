import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isCaseName } from '@entente/contract';
import { readOperatorFile } from '@entente/runtime';

/** Some 25,000 cases. */
const MOST_BYTES = 1024 * 1024;
/** More than the tick of any file system's clock. */
const TICK_MS = 2000;

const pathIn = (dir: string): string => join(dir, 'legal-hold.json');

/**
 * The cases of which nothing goes from quarantine, from `legal-hold.json` in its folder: `{"cases": ["…"]}`.
 * @throws Error if the file is there and cannot be read
 */
export function readQuarantineHolds(dir: string): ReadonlySet<string> {
  const file = readOperatorFile(pathIn(dir), MOST_BYTES);
  if (file === undefined) return new Set();
  const problem = typeof file === 'string' ? ` (${file})` : '';
  const cases = typeof file === 'string' ? undefined : file.value.cases;
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new Error(
      `${pathIn(dir)} is no legal hold${problem}: write {"cases": ["…"]}, each of 1 to 64 letters, digits and hyphens`,
    );
  return new Set(cases);
}

/**
 * The same for an order or a look that takes its time, and asks before each message. The file is read once, and again only where it is not the
 * one that was read.
 *
 * INVARIANT: a hold that was laid before this is asked keeps what it names. To read it once for a whole order would not: each message is an
 * entry, and a court may want one kept while those of the others are made.
 *
 * @param now by the machine's clock, which dates its files
 * @returns throws as `readQuarantineHolds`
 */
export function followQuarantineHolds(dir: string, now: () => number = Date.now): () => ReadonlySet<string> {
  let known: { readonly name: string; readonly cases: ReadonlySet<string> } | undefined;
  return () => {
    // Before it is read: what comes in between is found by the next look.
    const stat = statSync(pathIn(dir), { bigint: true, throwIfNoEntry: false });
    const name = stat && [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
    if (known && known.name === name) return known.cases;
    const cases = readQuarantineHolds(dir);
    // Written once more in the tick of its last change it would look the same.
    const isPast = stat && stat.ctimeNs < BigInt(now() - TICK_MS) * 1_000_000n;
    known = isPast && name !== undefined ? { name, cases } : undefined;
    return cases;
  };
}
