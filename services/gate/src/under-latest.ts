import { setTimeout as delay } from 'node:timers/promises';
import { AuditError } from '@entente/audit';
import type { Outcome } from '@entente/bus';
import { Rejection, type RejectionCode } from '@entente/contract';
import type { Directory } from '@entente/members';
import { lookAgain } from './look-again.js';
import type { GateDeps } from './state.js';

/** What another directory may say otherwise: whose key or log it is, and who somebody is. */
const BY_DIRECTORY: readonly string[] = [
  'key-unknown',
  'key-not-valid',
  'sender-mismatch',
  'recipient-unknown',
  'role-not-held',
  'no-counterpart',
  'inspect-not-allowed',
] satisfies RejectionCode[];

/** Of a proof: that no log is named so, or not at that time. */
const BY_NAMED_LOGS: readonly unknown[] = ['checkpoint-wrong-origin', 'log-not-valid'];

/** Whether a code of a refusal is one that a newer directory can change. */
export const isByDirectory = (code: string | undefined): boolean => BY_DIRECTORY.includes(code ?? '');

/**
 * What is refused by a directory that has a successor by now is looked at once more, under that: its log, its key or its sender may be
 * new, and what is dropped does not come again where it is evidence.
 *
 * Whoever can send anything is refused so for nothing. It makes this gate look at the directory ten times a second at most, and nothing
 * waits here for a look that is not to be yet: what came first then comes once more.
 *
 * @param isAgain it came before: if there can be no look now there was one since
 * @throws what the work throws
 */
export async function underLatest(
  gate: GateDeps,
  isAgain: boolean,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const before = gate.directory();
  try {
    return await work();
  } catch (error) {
    if (!isChangeable(error) || !gate.clock.agrees()) throw error;
    const leftMs = await lookAgain(gate)();
    if (gate.directory() !== before) return await work();
    if (leftMs > 0 && !isAgain) return { retryInMs: leftMs };
    throw error;
  }
}

/** Waits for the look, so that it is for what is authenticated. @returns whether there is another directory than that one now */
export async function hasNewer(gate: GateDeps, before: Directory): Promise<boolean> {
  const leftMs = gate.directory() === before ? await lookAgain(gate)() : 0;
  if (leftMs > 0 && gate.directory() === before) {
    await delay(leftMs);
    await lookAgain(gate)();
  }
  return gate.directory() !== before;
}

/** The same of a question, which waits for the look. */
export async function askUnderLatest<T>(gate: GateDeps, ask: () => T): Promise<T> {
  const before = gate.directory();
  try {
    return ask();
  } catch (error) {
    if (!isChangeable(error) || !(await hasNewer(gate, before))) throw error;
    return ask();
  }
}

function isChangeable(error: unknown): boolean {
  if (!(error instanceof Rejection)) return false;
  return isByDirectory(error.code) || (error.cause instanceof AuditError && isOfNamedLogs(error.cause));
}

const isOfNamedLogs = ({ code }: AuditError): boolean => BY_NAMED_LOGS.includes(code);
