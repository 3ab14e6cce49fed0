import { runProgram } from '@entente/cli';
import { publishPart, readPart } from './directory-part.js';
import type { TestNetwork } from './network.js';
import type { capturePrinted } from './printed.js';

/**
 * What an operator of DE and its agency do to go on under another origin: the order, and the row in the directory that it prints.
 * @param how further arguments of `entente ledger succeed`
 * @throws Error if the order is not taken
 */
export async function succeed(
  { home }: TestNetwork,
  printed: ReturnType<typeof capturePrinted>,
  origin: string,
  ...how: readonly string[]
): Promise<void> {
  const place = ['--home', home.dir, '--nation', 'DE', '--json'];
  printed.text = '';
  const code = await runProgram(['ledger', 'succeed', '--origin', origin, ...how, ...place]);
  if (code !== 0) throw new Error(`the order of ${origin} ends with ${code}: ${printed.text}`);
  const { row } = JSON.parse(printed.text) as {
    row: { validFromMs: string; predecessor: string; vkey: string };
  };
  const part = readPart(home, 'DE');
  const fromMs = Date.parse(row.validFromMs);
  const old = part.ledgers.at(-1);
  if (!old) throw new Error('the part names no log');
  const ledgers = [
    ...part.ledgers.slice(0, -1),
    { ...old, validUntilMs: fromMs },
    { ...old, origin, vkey: row.vkey, predecessor: row.predecessor, validFromMs: fromMs },
  ];
  await publishPart(home, { ...part, version: part.version + 1, ledgers });
}
