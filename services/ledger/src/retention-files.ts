import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isCaseName,
  isOrderReason,
  isReference,
  NO_SIGNOFF,
  ORDER_REASON,
  readSignoff,
  type Signoff,
} from '@entente/contract';
import { type OperatorFile, readOperatorFile } from '@entente/runtime';
import type { ErasureRequest } from './place-own.js';

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
/** Of a legal hold: some 25,000 cases. */
const MOST_BYTES = 1024 * 1024;

/** @throws Error if the folder is there and cannot be read */
export async function readErasureOrders(dir: string): Promise<ErasureOrder[]> {
  const folder = join(dir, 'erase');
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const orders = names.filter((name) => name.endsWith('.json')).sort();
  return orders.slice(0, MOST_ORDERS).flatMap((name) => {
    const path = join(folder, name);
    const done = async (outcome: string) => await rename(path, `${path}.${outcome}`);
    const file = readOperatorFile(path);
    if (file === undefined) return [];
    // One that cannot be read holds up no other.
    return [{ name, order: typeof file === 'string' ? file : readOrder(file.value), done }];
  });
}

function readOrder({
  indices,
  reason,
  reference,
  origin,
  ...rest
}: OperatorFile['value']): ErasureRequest | string {
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
  if (!isOrderReason(reason)) return `its reason is none of ${ORDER_REASON.join(', ')}`;
  return { indices, reason, reference, signoff, ...(origin === undefined ? {} : { origin }) };
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
  const file = readOperatorFile(path, MOST_BYTES) ?? { value: { cases: [] } };
  const problem = typeof file === 'string' ? ` (${file})` : '';
  const { cases, ...rest } = typeof file === 'string' ? { cases: undefined } : file.value;
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new Error(
      `${path} is no legal hold${problem}: write {"cases": ["…"]}, each of 1 to 64 letters, digits and hyphens`,
    );
  const signoff = readSignoff(rest);
  if (!signoff) throw new Error(`${path}: ${NO_SIGNOFF}`);
  return { cases: new Set(cases), signoff };
}
