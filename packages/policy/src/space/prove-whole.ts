import { decide } from '../decide.js';
import type { Pack } from '../pack.js';
import { type DayRegions, partDay } from './day-regions.js';
import type { Places } from './measure-region.js';
import { seeded } from './seeded.js';
import type { Point, Space } from './space-of.js';
import { STATEMENTS, type Statement } from './statements.js';

export interface WholeProof {
  /** All of the day, with every set of data classes, legal bases and approvals. */
  readonly requests: bigint;
  readonly permitted: bigint;
  readonly held: bigint;
  /** The smallest request that passes and breaks it. */
  readonly broken: readonly { readonly statement: string; readonly point: Point }[];
}

/**
 * Shows for all requests of a day that what passes keeps every statement: not one by one, but as regions of the space of requests.
 * Nothing is left out, and nothing is taken on trust but the rules' logic, which is compared with the engine here and in a test.
 */
export function proveDay(pack: Pack, space: Space, day: string, statements = STATEMENTS): WholeProof {
  const parts = partDay(pack, space, day);
  compareWithEngine(pack, space, parts);
  const { all, count } = parts.measures;
  return {
    requests: all,
    permitted: count(parts.regionOf('permit')),
    held: count(parts.regionOf('hold')),
    broken: statements.flatMap((statement) => {
      const point = findBreach(pack, space, parts, statement);
      return point ? [{ statement: statement.name, point }] : [];
    }),
  };
}

/** The smallest request of the day that passes and breaks a statement; undefined: none does. */
export function findBreach(
  pack: Pack,
  space: Space,
  { day, measures, regionOf, whereNot, choicesOf }: DayRegions,
  { holds }: Statement,
): Point | undefined {
  const verdict = { decision: 'permit' } as const;
  const broken = whereNot(
    (crossing, decideAs) => holds({ pack, crossing, verdict, decideAs }),
    regionOf('permit'),
  );
  const places = measures.simplest(broken);
  if (!places) return undefined;
  const point = { day, choices: choicesOf(places) };
  expectSame('permit', decide(pack, space.crossing(point)).decision, point);
  return point;
}

const DRAWN = 12;

/** Some requests of each region, which the engine has to decide as the region says. @throws Error where it does not */
export function compareWithEngine(pack: Pack, space: Space, parts: DayRegions, drawn = DRAWN): void {
  const random = seeded(1);
  for (const { outcome, region } of parts.outcomes) {
    for (let i = 0; i < drawn; i++) {
      const places: Places = parts.measures.draw(region, random);
      const point = { day: parts.day, choices: parts.choicesOf(places) };
      const { decision, awaits } = decide(pack, space.crossing(point));
      expectSame([outcome.decision, outcome.awaits], [decision, awaits], point);
    }
  }
}

function expectSame(said: unknown, decided: unknown, point: Point): void {
  const [one, other] = [said, decided].map((value) => JSON.stringify(value));
  if (one === other) return;
  throw new Error(`the engine decides ${other}, and the rules read as ${one}, of ${JSON.stringify(point)}`);
}
