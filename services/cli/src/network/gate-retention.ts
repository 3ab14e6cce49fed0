import { askWithin } from '@entente/audit';
import { type NetworkHome, nth } from './home.js';

/** What goes from the quarantine of a nation's gate, and when; or that it does not say. */
export type GatePlan =
  | {
      readonly nation: string;
      readonly quarantine_days: number;
      /** By the month (YYYY-MM, UTC) in which their time is over. */
      readonly months: readonly { readonly month: string; readonly quarantined: number }[];
      /** Messages that a legal hold keeps. */
      readonly held: number;
    }
  | { readonly nation: string; readonly problem: string };

const BOUNDS = { withinMs: 5000, maxBytes: 64 * 1024, onlyOf: 200 };

/** Asks the first gate of a nation on this machine, on its operation port: where there are several, all have one folder. */
export async function askGate({ operationPorts = {} }: NetworkHome, nation: string): Promise<GatePlan> {
  const port = operationPorts[nth(`gate.${nation.toLowerCase()}`, 0)] ?? 0;
  try {
    const { body } = await askWithin(`http://127.0.0.1:${port}/retention`, {}, BOUNDS);
    const said = JSON.parse(body?.toString('utf8') ?? '{}') as Extract<GatePlan, { months: unknown }>;
    if (Array.isArray(said.months)) return { ...said, nation };
  } catch {
    // Said below.
  }
  return { nation, problem: `The gate of ${nation} does not say it. Is the network up ("entente up")?` };
}
