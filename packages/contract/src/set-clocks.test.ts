import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORY, CLOCK, CLOCK_END, CLOCK_KIND, CLOCK_START, ROLE } from '../gen/vocabulary.js';
import { computeFacts } from './compute-facts.js';
import { codeOf } from './fixture/code-of.js';
import { examples, jsonBytes, readText, validContents } from './fixture/vectors.js';
import { LIMITS } from './limits.js';
import { setClocks } from './set-clocks.js';
import { type Content, parseContent, parseSubmission, type StatedClock } from './validate-content.js';

const CONTENTS = [
  ...[...CATEGORY, 'update'].flatMap((category) =>
    validContents(category).map(([name, { content }]) => [`${category}/${name}`, content] as const),
  ),
  ...examples().map(
    ([name, { submission }]) => [name, parseSubmission(submission).content as Content] as const,
  ),
];

const stated = fc.record(
  {
    clock: fc.constantFrom(...CLOCK),
    minutes: fc.integer({ min: 1, max: 5_256_000 }),
    kind: fc.constantFrom(...CLOCK_KIND),
    starts: fc.constantFrom(...CLOCK_START),
    ends: fc.constantFrom(...CLOCK_END),
    extended_by: fc.constantFrom(...ROLE),
  },
  { requiredKeys: ['clock', 'minutes', 'kind', 'starts', 'ends'] },
);
const MEDIA = 'data:image/png;base64,iVBORw0KGgo';
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, '', MEDIA, 0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e15, [], {}, true),
  fc.jsonValue({ maxDepth: 20, depthSize: 'large' }),
);
/** A clock of which one member says something else, is missing, or is one too many. */
const spoiled = fc
  .tuple(stated, fc.constantFrom('clock', 'minutes', 'kind', 'starts', 'ends', 'extended_by', 'note'))
  .chain(([clock, member]) =>
    fc.oneof(
      strange.map((value) => ({ ...clock, [member]: value })),
      fc.constant({ ...clock, [member]: undefined }),
    ),
  );
const clockLists = fc.oneof(
  { weight: 3, arbitrary: fc.array(stated, { maxLength: 8 }) },
  fc.array(fc.oneof(stated, spoiled), { maxLength: 10 }),
  // The same one twice.
  stated.map((clock) => [clock, { ...clock }]),
  fc.array(strange, { maxLength: 3 }),
) as fc.Arbitrary<readonly StatedClock[]>;

function withClocks({ clocks: _, ...content }: Content, clocks: readonly StatedClock[]): Content {
  return (clocks.length === 0 ? content : { ...content, clocks }) as Content;
}

/** What a look at all of it says: the content as it was read, its facts, and its text; or with which code it is refused. */
function inFull(content: Content, clocks: readonly StatedClock[]) {
  const bytes = jsonBytes(withClocks(content, clocks));
  const code = codeOf(() => parseContent(bytes));
  if (code !== 'accepted') return code;
  const parsed = parseContent(bytes);
  return { content: parsed, facts: computeFacts(parsed), bytes: Buffer.from(bytes) };
}

describe.each(CONTENTS)('%s', (_, given) => {
  const content = parseContent(jsonBytes(given));
  const known = { content, facts: computeFacts(content) };

  test('with any clocks is what it is when all of it is looked at, or is not taken at all', () => {
    fc.assert(
      fc.property(clockLists, (clocks) => {
        const before = structuredClone(known);
        const full = inFull(content, clocks);
        expect(setClocks(known, clocks)).toStrictEqual(typeof full === 'string' ? undefined : full);
        expect(known).toStrictEqual(before);
      }),
      { seed: 2016_679, numRuns: 50 },
    );
  });

  test('is taken up to the last byte that it may have, and no further', () => {
    const clocks = fc.sample(stated, { seed: 1, numRuns: 2 }) as readonly StatedClock[];
    const room = LIMITS.content - jsonBytes(withClocks(content, clocks)).length;
    // Longer than a schema would take it: what is known of a content is not asked again.
    const padded = (bytes: number) => ({ ...known, content: { ...content, x: 'x'.repeat(bytes - 7) } });
    expect(setClocks(padded(room), clocks)?.bytes).toHaveLength(LIMITS.content);
    expect(setClocks(padded(room + 1), clocks)).toBeUndefined();
  });
});

test('no schema says anything about clocks but what stands in their place', () => {
  const places = ['core', 'update', ...CATEGORY.map((category) => `categories/${category}`)].flatMap((name) =>
    readText(`proto/schemas/${name}.json`)
      .split('\n')
      .filter((line) => line.includes('"clocks"'))
      .map((line) => `${name}: ${line.trim()}`),
  );
  expect(places).toEqual(['core: "clocks": {', 'update: "clocks": {']);
});
