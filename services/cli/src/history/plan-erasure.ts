import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readUnverifiedHeader } from '@entente/seal';
import type { LogSource } from './log-source.js';
import { readLog } from './read-log.js';

export interface ErasurePlan {
  readonly nation: string;
  /** By the month (YYYY-MM, UTC) in which their time is over. */
  readonly months: readonly { readonly month: string; readonly entries: number }[];
  /** Entries of cases under legal hold: they stay. */
  readonly held: number;
  readonly erased: number;
}

const DAY_MS = 86_400_000;

/** What will go from a log, and when, if its ledger keeps records for so many days. */
export async function planErasure(source: LogSource, days: number): Promise<ErasurePlan> {
  const holds = readHolds(source);
  const months = new Map<string, number>();
  let held = 0;
  const { erased } = await readLog(source, ({ leaf, record }) => {
    if (!record || record.adoption || record.erasure) return;
    if (holds.has(readUnverifiedHeader(record.seal).caseId)) {
      held += 1;
      return;
    }
    const month = new Date(leaf.timeMs + days * DAY_MS).toISOString().slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  });
  const rows = [...months].map(([month, entries]) => ({ month, entries }));
  return {
    nation: source.nation,
    months: rows.sort((a, b) => (a.month < b.month ? -1 : 1)),
    held,
    erased,
  };
}

function readHolds({ dir }: LogSource): ReadonlySet<string> {
  const path = join(dir, 'legal-hold.json');
  if (!existsSync(path)) return new Set();
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly string[] };
  return new Set(cases);
}
