import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ERASURE_REASON,
  isCaseName,
  isReference,
  NO_SIGNOFF,
  readSignoff,
  type Signoff,
} from '@entente/contract';
import type { ErasureRequest } from './place-own.js';
import { MOST_BYTES, readJson } from './signoff-files.js';

/** A file in the folder `erase` of the ledger's data: written by an operator, on a lawful request. */
export interface ErasureOrder {
  readonly name: string;
  /** In words, what is wrong with it, if it is none. */
  readonly order: ErasureRequest | string;
  /** Keeps the file, under a name that says what became of it. */
  readonly done: (outcome: 'done' | 'refused') => Promise<void>;
}

const MOST_ORDERS = 100;
const MOST_INDICES = 256;

/** @throws Error if the folder is there and cannot be read */
export async function readErasureOrders(dir: string): Promise<ErasureOrder[]> {
  const folder = join(dir, 'erase');
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const orders = names.filter((name) => name.endsWith('.json')).sort();
  return await Promise.all(
    orders.slice(0, MOST_ORDERS).map(async (name) => {
      const path = join(folder, name);
      const done = async (outcome: string) => await rename(path, `${path}.${outcome}`);
      const order = await readFile(path, 'utf8').then(readOrder, cannotBeRead);
      return { name, order, done };
    }),
  );
}

/** One that cannot be read holds up no other. */
function cannotBeRead({ code }: NodeJS.ErrnoException): string {
  return `it cannot be read: ${code}`;
}

function readOrder(text: string): ErasureRequest | string {
  if (text.length > MOST_BYTES) return `it is longer than ${MOST_BYTES / 1024} KiB`;
  const value = readJson(text);
  if (value === undefined) return 'it is not JSON';
  const { indices, reason, reference, origin, ...rest } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(indices) || indices.length === 0 || indices.length > MOST_INDICES)
    return `it names no entries, or more than ${MOST_INDICES}`;
  const isRising = indices.every(
    (index, i) => Number.isSafeInteger(index) && index > (i === 0 ? -1 : indices[i - 1]),
  );
  if (!isRising) return 'its entries are not whole numbers that rise';
  if (!isReference(reference)) return 'it does not say on one line where the decision can be found';
  if (origin !== undefined && typeof origin !== 'string') return 'its origin is not the name of a log';
  const signoff = readSignoff(rest);
  if (!signoff) return NO_SIGNOFF;
  const word = ERASURE_REASON.find((known) => known === reason);
  if (!word) return `its reason is none of ${ERASURE_REASON.join(', ')}`;
  return { indices, reason: word, reference, signoff, ...(origin === undefined ? {} : { origin }) };
}

/** Cases of which nothing is erased, and who said so. */
export interface LegalHold {
  readonly cases: ReadonlySet<string>;
  readonly signoff: Signoff;
}

/**
 * The cases that nobody may erase, from `legal-hold.json`: `{"cases": ["…"], "proposed_by": "…", "approved_by": ["…"]}`.
 * @throws Error if the file is there and cannot be read: then nothing is erased
 */
export async function readLegalHold(dir: string): Promise<LegalHold> {
  const path = join(dir, 'legal-hold.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"cases":[]}';
    throw error;
  });
  const { cases, ...rest } = (readJson(text) ?? {}) as { readonly cases?: unknown };
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new Error(
      `${path} is no legal hold: write {"cases": ["…"]}, each of 1 to 64 letters, digits and hyphens`,
    );
  const signoff = readSignoff(rest);
  if (!signoff) throw new Error(`${path}: ${NO_SIGNOFF}`);
  return { cases: new Set(cases), signoff };
}
