import { decide } from '../decide.js';
import type { Pack } from '../pack.js';
import type { Verdict } from '../verdict.js';
import { describe, shrink } from './find-counterexample.js';
import type { Point, Space } from './space-of.js';
import { EXISTENCES, type Existence, STATEMENTS, type Statement } from './statements.js';

export interface Proof {
  readonly decided: number;
  readonly counts: Readonly<Record<Verdict['decision'], number>>;
  /** A statement's name and the smallest request that breaks it. One for each statement. */
  readonly broken: readonly { readonly statement: string; readonly example: string }[];
}

/** Decides each request and checks every statement over those that pass. An alarm or an answer without words breaks too. */
export function prove(pack: Pack, space: Space, points: Iterable<Point>, statements = STATEMENTS): Proof {
  const counts = { permit: 0, refuse: 0, hold: 0 };
  const broken = new Map<string, string>();
  for (const point of points) {
    const crossing = space.crossing(point);
    const verdict = decide(pack, crossing);
    counts[verdict.decision] += 1;
    for (const statement of [PROPER, ...statements]) {
      if (broken.has(statement.name) || isKept(statement, { pack, crossing, verdict })) continue;
      broken.set(
        statement.name,
        describe(
          space,
          shrink(space, point, (candidate) => breaks(pack, space, statement, candidate)),
        ),
      );
    }
  }
  return {
    decided: counts.permit + counts.refuse + counts.hold,
    counts,
    broken: [...broken].map(([statement, example]) => ({ statement, example })),
  };
}

/** Those of which no request of the series is an example: they should be empty. */
export function findMissing(pack: Pack, space: Space, tries = 2000): readonly string[] {
  return EXISTENCES.filter((existence) => existence.applies(pack))
    .filter((existence) => !exists(pack, space, existence, tries))
    .map(({ name }) => name);
}

const PROPER: Statement = {
  name: 'each request is answered in words and without an alarm',
  holds: ({ verdict }) => verdict.reason !== '' && verdict.alarm === undefined,
};

function isKept(statement: Statement, asked: Parameters<Statement['holds']>[0]): boolean {
  if (statement !== PROPER && asked.verdict.decision !== 'permit') return true;
  return statement.holds(asked);
}

function breaks(pack: Pack, space: Space, statement: Statement, point: Point): boolean {
  const crossing = space.crossing(point);
  return !isKept(statement, { pack, crossing, verdict: decide(pack, crossing) });
}

function exists(pack: Pack, space: Space, { only, shows }: Existence, tries: number): boolean {
  const places = typeof only === 'function' ? only(pack) : [only];
  for (let index = 0; index < tries; index++) {
    const crossing = space.crossing(space.sample(index, 2, places[index % places.length]));
    if (shows({ pack, crossing, verdict: decide(pack, crossing) })) return true;
  }
  return false;
}
