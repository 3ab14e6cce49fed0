import type { Facts } from './facts.js';
import { LIMITS } from './limits.js';
import { compiledSchema } from './schemas.js';
import type { Content, StatedClock } from './validate-content.js';

/** A content that has passed its schema, and its facts. */
export interface KnownContent {
  readonly content: Content;
  readonly facts: Facts;
}

export interface TimedContent extends KnownContent {
  /** The content as JSON in UTF-8. */
  readonly bytes: Uint8Array;
}

/**
 * The same content with these clocks in place of its own: the clocks are checked, and of the rest what is known already.
 *
 * INVARIANT: what this returns `parseContent` takes as it is, and `computeFacts` says the same of it. Each schema has one place for clocks, and
 * no condition names it; nothing in a clock is anybody's data. A test holds it against both.
 *
 * @returns nothing if these clocks may not stand there, or make it too large: `parseContent` says why
 */
export function setClocks(
  { content, facts }: KnownContent,
  clocks: readonly StatedClock[],
): TimedContent | undefined {
  // What is checked is what the text will say.
  const said = JSON.parse(JSON.stringify(clocks)) as readonly StatedClock[];
  const schema = content.update === undefined ? 'core' : 'update';
  if (said.length > 0 && !compiledSchema(`${schema}#/properties/clocks`)(said)) return undefined;
  const { clocks: _, ...rest } = content;
  const timed = (said.length === 0 ? rest : { ...rest, clocks: said }) as Content;
  const bytes = Buffer.from(JSON.stringify(timed));
  if (bytes.length > LIMITS.content) return undefined;
  return { content: timed, facts: { ...facts, clocks: clockFacts(said) }, bytes };
}

/** Of a clock a gate reads which it is, and how long it runs. */
export function clockFacts(clocks: readonly StatedClock[]): Facts['clocks'] {
  return clocks.map(({ clock, minutes }) => ({ clock, minutes }));
}
