import { ActionRefused } from '@entente/runtime';
import type { MonitorStore } from './store.js';

/** One line, so that no name makes a second one in what an operator reads. */
const TEXT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;
const MOST_NAME = 100;
const MOST_WORDS = 1000;

/**
 * A person says to have looked into an alarm, and what it was: `{"alarm": 12, "by": "A. Person", "why": "…"}`. Kept beside it, with the time.
 * @throws ActionRefused
 */
export function acknowledge(
  store: Pick<MonitorStore, 'acknowledge'>,
  nowMs: number,
  asked: unknown,
): { readonly alarm: number; readonly acknowledged: true } {
  const { alarm, by, why } = (asked ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof alarm !== 'number' || !Number.isSafeInteger(alarm))
    throw new ActionRefused('"alarm" must be the number of an alarm, as /alarms shows it');
  const said = { by: line(by, 'by', MOST_NAME), why: line(why, 'why', MOST_WORDS), atMs: nowMs };
  if (!store.acknowledge(alarm, said)) throw new ActionRefused(`there is no open alarm ${alarm}`);
  return { alarm, acknowledged: true };
}

function line(value: unknown, name: string, most: number): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!TEXT.test(text) || text.length > most)
    throw new ActionRefused(`"${name}" must be one line of at most ${most} characters`);
  return text;
}
