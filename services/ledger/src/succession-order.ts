import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_NAME } from '@entente/audit';
import { NO_SIGNOFF, readSignoff, type Signoff, SUCCESSION_REASON } from '@entente/contract';
import { readOperatorFile } from '@entente/runtime';

/** How and when this ledger goes on under another origin: written by an operator, with `entente ledger succeed`. */
export interface SuccessionOrder {
  readonly origin: string;
  readonly reason: (typeof SUCCESSION_REASON)[number];
  readonly fromMs: number;
  /** Signed checkpoints of the log that ends, which others have seen. */
  readonly seen: readonly string[];
  readonly keyFile: string | null;
  /** Who wanted it, and who agreed. */
  readonly signoff: Signoff;
}

const MOST_SEEN = 100;

const pathOf = (dataDir: string): string => join(dataDir, 'succession.json');

/** @throws Error that says what is wrong with the file */
export function readSuccession(dataDir: string): SuccessionOrder | undefined {
  const path = pathOf(dataDir);
  const file = readOperatorFile(path);
  if (file === undefined) return undefined;
  if (typeof file === 'string') throw new Error(`${path}: ${file}`);
  const { origin, reason, from, seen = [], key_file: keyFile = null, ...rest } = file.value;
  if (typeof origin !== 'string' || !LOG_NAME.test(origin))
    throw new Error(`${path} names no origin like entente.example/de/2027`);
  const word = SUCCESSION_REASON.find((known) => known === reason);
  if (!word) throw new Error(`the reason in ${path} is none of ${SUCCESSION_REASON.join(', ')}`);
  const fromMs = Date.parse(String(from));
  if (!Number.isFinite(fromMs)) throw new Error(`${path} does not say from when`);
  if (!Array.isArray(seen) || seen.length > MOST_SEEN || seen.some((note) => typeof note !== 'string'))
    throw new Error(`${path}: what others have seen is no list of signed checkpoints`);
  if (keyFile !== null && typeof keyFile !== 'string') throw new Error(`${path}: key_file is no path`);
  const signoff = readSignoff(rest);
  if (!signoff) throw new Error(`${path}: ${NO_SIGNOFF}`);
  return { origin, reason: word, fromMs, seen: seen as string[], keyFile, signoff };
}

/** Keeps the file, under a name that says that it was carried out. */
export function successionDone(dataDir: string): void {
  renameSync(pathOf(dataDir), `${pathOf(dataDir)}.done`);
}
