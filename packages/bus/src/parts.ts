import type { Outcome } from './consume.js';

/** Handles the parts of one message, each for itself. */
export type HandleParts = <Part>(
  message: string,
  parts: readonly Part[],
  handle: (part: Part) => Promise<Outcome>,
) => Promise<Outcome>;

const MOST = 1024;

/**
 * A message may hold many that have nothing to do with each other. What becomes of one is nothing to the others: where one has to
 * come again, the message is delivered again as a whole, and the parts that were settled are passed over then.
 *
 * That is remembered here only: in another process, and after a restart, all parts are handled again, which is harmless as every
 * handler takes a message twice.
 */
export function createParts(): HandleParts {
  const settled = new Map<string, Set<number>>();
  return async (message, parts, handle) => {
    const before = settled.get(message) ?? new Set<number>();
    const outcomes = await Promise.allSettled(
      parts.map(async (part, i) => (before.has(i) ? 'done' : await handle(part))),
    );
    const again = outcomes.flatMap((outcome, i) => (isSettled(outcome) ? [] : [{ outcome, i }]));
    settled.delete(message);
    if (again.length === 0) return outcomes.every(isDropped) ? 'drop' : 'done';
    if (parts.length > 1) {
      const left = new Set(again.map(({ i }) => i));
      settled.set(message, new Set([...parts.keys()].filter((i) => !left.has(i))));
      // In the order of their coming: one that is forgotten is handled again.
      if (settled.size > MOST) settled.delete(settled.keys().next().value as string);
    }
    return askAgain(again.map(({ outcome }) => outcome));
  };
}

type Settled = PromiseSettledResult<Outcome>;

function isSettled(outcome: Settled): boolean {
  return outcome.status === 'fulfilled' && typeof outcome.value === 'string';
}

function isDropped(outcome: Settled): boolean {
  return outcome.status === 'fulfilled' && outcome.value === 'drop';
}

/** As soon as one of them may come again; a part that failed is told as the handler's failure. */
function askAgain(outcomes: readonly Settled[]): Outcome {
  const times = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' && typeof outcome.value === 'object' ? [outcome.value.retryInMs] : [],
  );
  if (times.length > 0) return { retryInMs: Math.min(...times) };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  throw failed?.reason;
}
