import { dirname } from 'node:path';
import { readJson } from '../read-json.js';
import { UsageError } from '../usage.js';
import type { PlacedLog } from './log-source.js';

const MOST_LOGS = 500;
const NEEDED = ['nation', 'vkey', 'log'] as const;
const KNOWN: readonly string[] = [...NEEDED, 'archive', 'tokenFile'];

/**
 * Reads `[{"nation": "DE", "vkey": "…", "log": "https://…", "tokenFile": "de.token"}]`; paths are seen from its own folder.
 * @throws UsageError that says which log is wrong, and how
 */
export function readLogsList(path: string): { readonly listed: PlacedLog; readonly base: string }[] {
  const value = readJson(path);
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_LOGS)
    throw new UsageError(`${path} is not a list of 1 to ${MOST_LOGS} logs`);
  return value.map((one, i) => ({ listed: readOne(one, `${path}: log ${i}`), base: dirname(path) }));
}

function readOne(value: unknown, where: string): PlacedLog {
  const fields = Object.entries((value ?? {}) as Record<string, unknown>);
  const odd = fields.find(([name, text]) => !KNOWN.includes(name) || typeof text !== 'string');
  if (odd) throw new UsageError(`${where}: "${odd[0].slice(0, 30)}" is not known, or no text`);
  const found = Object.fromEntries(fields) as Partial<Record<keyof PlacedLog, string>>;
  const missing = NEEDED.find((name) => !found[name]);
  if (missing) throw new UsageError(`${where} has no ${missing}`);
  return { ...(found as PlacedLog), nation: String(found.nation).toUpperCase() };
}
