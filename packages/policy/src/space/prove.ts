import { decide } from '../decide.js';
import type { Pack } from '../pack.js';
import type { Verdict } from '../verdict.js';
import type { Choices } from './dimensions.js';
import { describe, shrink } from './find-counterexample.js';
import type { Point, Space } from './space-of.js';
import { type Asked, EXISTENCES, type Existence, STATEMENTS, type Statement } from './statements.js';

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
    const verdict = decide(pack, space.crossing(point));
    counts[verdict.decision] += 1;
    for (const statement of [PROPER, ...statements]) {
      if (broken.has(statement.name) || isKept(statement, askedOf(pack, space, point, verdict))) continue;
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

const PROPER = {
  name: 'each request is answered in words and without an alarm',
  holds: ({ verdict }: WholeAsked) => verdict.reason !== '' && verdict.alarm === undefined,
};

interface WholeAsked extends Asked {
  readonly verdict: Verdict;
}

type Checked = Statement | typeof PROPER;

function isKept(statement: Checked, asked: WholeAsked): boolean {
  if (statement !== PROPER && asked.verdict.decision !== 'permit') return true;
  return statement.holds(asked);
}

function breaks(pack: Pack, space: Space, statement: Checked, point: Point): boolean {
  return !isKept(statement, askedOf(pack, space, point, decide(pack, space.crossing(point))));
}

function askedOf(pack: Pack, space: Space, point: Point, verdict: Verdict): WholeAsked {
  const decideAs = (changes: Partial<Choices>) =>
    decide(pack, space.crossing({ ...point, choices: { ...point.choices, ...changes } }));
  return { pack, crossing: space.crossing(point), verdict, decideAs };
}

function exists(pack: Pack, space: Space, { only, shows }: Existence, tries: number): boolean {
  const places = typeof only === 'function' ? only(pack) : [only];
  for (let index = 0; index < tries; index++) {
    const point = space.sample(index, 2, places[index % places.length]);
    if (shows(askedOf(pack, space, point, decide(pack, space.crossing(point))))) return true;
  }
  return false;
}
