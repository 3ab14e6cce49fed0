import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An order that a ledger has not carried out yet. */
export interface PendingOrder {
  /** What it says; empty and not a number where it cannot be read. */
  readonly origin: string;
  readonly reason: string;
  readonly fromMs: number;
}

/** Where an operator orders a ledger to go on under another origin. */
export const orderFile = (dataDir: string): string => join(dataDir, 'succession.json');

export function readPendingOrder(dataDir: string): PendingOrder | undefined {
  const file = orderFile(dataDir);
  if (!existsSync(file)) return undefined;
  try {
    const { origin, reason, from } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return { origin: String(origin), reason: String(reason), fromMs: Date.parse(String(from)) };
  } catch {
    return { origin: '', reason: '', fromMs: Number.NaN };
  }
}

export function orderInWords({ origin, reason, fromMs }: PendingOrder): string {
  if (Number.isNaN(fromMs)) return 'one that cannot be read';
  return `${origin} from ${new Date(fromMs).toISOString()} (${reason})`;
}
