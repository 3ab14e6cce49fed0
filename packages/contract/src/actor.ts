/** A program did it by itself: a clock has ended, a message has arrived. */
export const SYSTEM = 'system';
/** The member's own system did not say who. */
export const UNNAMED = 'unnamed';

/** What may travel as an actor. INVARIANT: no name fits it, so that none reaches a gate or a log in clear. */
export const ACTOR = /^(?:pn:[0-9a-f]{32}|system|unnamed)$/;

/** Whether a header may name this actor; messages from before there were any name none. */
export function isActor(value: string): boolean {
  return value === '' || ACTOR.test(value);
}
