import { decide, holdOrNot } from '../decide.js';
import type { Pack } from '../pack.js';
import type { Rule } from '../read-rules.js';
import type { Choices, Dimensions } from './dimensions.js';
import { partialCrossing } from './partial-crossing.js';
import {
  dependsOn,
  type Name,
  type PartialRequest,
  partialRequests,
  Unknown,
  type Value,
} from './partial-request.js';
import { type Logic, logicOf } from './rule-logic.js';
import { seeded } from './seeded.js';
import type { Point, Space } from './space-of.js';
import { type Asked, STATEMENTS, type Statement } from './statements.js';

export interface WholeProof {
  /** All of the day, each in one case; fewer only where every statement is broken. */
  readonly requests: bigint;
  /** Sets of requests of which it was shown at once that they keep every statement. */
  readonly cases: number;
  readonly broken: readonly { readonly statement: string; readonly point: Point }[];
}

interface RuleLogic {
  readonly rule: Rule;
  readonly logic: Logic;
  /** A forbid that matches lets nothing through; but one that only holds may, where waiting would take too long. */
  readonly isFinal: boolean;
}

interface Case {
  readonly request: PartialRequest;
  /** Rules of which it is not known yet whether they match. */
  readonly permits: readonly RuleLogic[];
  readonly forbids: readonly RuleLogic[];
  readonly isPermitted: boolean;
  /** Statements that are not shown yet. */
  readonly statements: readonly Statement[];
  /** The forbid that is likely to close most of it. */
  readonly target: RuleLogic | null;
}

/**
 * Shows for all requests of a day that what passes keeps every statement: not one by one, but case by case. A case is closed as
 * soon as a forbid matches, no permit can, or every statement holds, whatever its other choices; else it is split by a choice that
 * a rule or a statement waits for. Nothing is left out, and nothing is taken on trust but the rules' logic, which is compared with the engine.
 */
export function proveDay(pack: Pack, space: Space, day: string, statements = STATEMENTS): WholeProof {
  const dimensions = space.dimensionsOn(day);
  const rules = [...pack.rules.values()].map((rule) => ({
    rule,
    logic: logicOf(rule),
    isFinal: rule.hold?.otherwise !== 'permit',
  }));
  const start: Case = {
    request: partialRequests({ pack, day, dimensions }),
    permits: rules.filter(({ rule }) => rule.effect === 'permit'),
    forbids: rules.filter(({ rule }) => rule.effect === 'forbid'),
    isPermitted: false,
    statements,
    target: null,
  };
  const broken = new Map<string, Point>();
  const lazy = { pack, day, space, dimensions, start, random: seeded(1) };
  let cases = 0;
  let requests = 0n;
  const open = [start];
  // One example of each is enough.
  for (let next = open.pop(); next && broken.size < statements.length; next = open.pop()) {
    const found = examine(lazy, next);
    if (found === 'closed' || found === 'broken') {
      cases += 1;
      requests += sizeOf(next.request, dimensions);
    }
    if (found === 'closed') continue;
    if (found === 'broken') {
      const point = { day, choices: next.request.example() };
      for (const { name } of next.statements) if (!broken.has(name)) broken.set(name, point);
      continue;
    }
    for (let place = next.request.valuesOf(found.split) - 1; place >= 0; place--)
      open.push({ ...found.rest, request: next.request.with(found.split, place) });
  }
  return {
    requests,
    cases,
    broken: [...broken].map(([statement, point]) => ({ statement, point })),
  };
}

interface Lazy {
  readonly pack: Pack;
  readonly day: string;
  readonly space: Space;
  readonly dimensions: Dimensions;
  readonly start: Case;
  readonly random: () => number;
}

type Found = 'closed' | 'broken' | { readonly split: Name; readonly rest: Omit<Case, 'request'> };

function examine(lazy: Lazy, { request, permits, forbids, isPermitted, statements, target }: Case): Found {
  const openForbids: RuleLogic[] = [];
  let waiting: Unknown | undefined;
  for (const forbid of forbids) {
    const matches = forbid.logic.matches(request);
    if (matches === true && forbid.isFinal) return 'closed';
    if (matches !== false) openForbids.push(forbid);
    if (matches instanceof Unknown && (forbid === target || !waiting)) waiting = matches;
  }
  const openPermits: RuleLogic[] = [];
  let passes = isPermitted;
  for (const permit of permits) {
    const matches = permit.logic.matches(request);
    if (matches === true) passes = true;
    if (!(matches instanceof Unknown)) continue;
    openPermits.push(permit);
    if (!passes) waiting ??= matches;
  }
  if (!passes && openPermits.length === 0) return 'closed';
  const openStatements: Statement[] = [];
  let asked: Unknown | undefined;
  for (const statement of statements) {
    const holds = isHolding(lazy, request, statement);
    if (holds === true) continue;
    openStatements.push(statement);
    if (holds instanceof Unknown) asked ??= holds;
  }
  if (openStatements.length === 0) return 'closed';
  const rest = {
    permits: openPermits,
    forbids: openForbids,
    isPermitted: passes,
    statements: openStatements,
  };
  if (asked) return { split: asked.needs, rest: { ...rest, target: null } };
  // Every statement left is broken by what passes here. The usual request is the likeliest to.
  if (passesAsUsual(request, openForbids, passes ? [] : openPermits) && certain(lazy, request) === 'broken')
    return 'broken';
  if (target && openForbids.includes(target) && waiting)
    return { split: waiting.needs, rest: { ...rest, target } };
  return waiting ? plan(lazy, request, rest, waiting) : certain(lazy, request);
}

function passesAsUsual(
  request: PartialRequest,
  forbids: readonly RuleLogic[],
  permits: readonly RuleLogic[],
): boolean {
  const usual = request.complete(() => 0);
  const matches = ({ logic }: RuleLogic) => logic.matches(usual) === true;
  return !forbids.some(matches) && (permits.length === 0 || permits.some(matches));
}

const SAMPLES = 24;

/**
 * By what to split next: whatever closes most of some requests taken at random. It is a guess, and costs time where it is wrong;
 * what is shown does not depend on it.
 */
function plan(
  { random }: Lazy,
  request: PartialRequest,
  rest: Omit<Case, 'request' | 'target'>,
  waiting: Unknown,
): Found {
  const samples = Array.from({ length: SAMPLES }, () => request.complete(random));
  const share = (holds: (sample: PartialRequest) => boolean) => samples.filter(holds).length;
  const targets = rest.forbids
    .filter(({ isFinal }) => isFinal)
    .map((forbid) => {
      const count = share((sample) => forbid.logic.matches(sample) === true);
      return { forbid, worth: count / (1 + bitsOf(request, forbid)) };
    })
    .sort((a, b) => b.worth - a.worth);
  const best = targets[0];
  const next = best && best.worth > 0 ? best.forbid.logic.matches(request) : undefined;
  if (best && next instanceof Unknown) return { split: next.needs, rest: { ...rest, target: best.forbid } };
  return { split: waiting.needs, rest: { ...rest, target: null } };
}

/** How many cases, in powers of two, a rule can be split into at most. */
function bitsOf(request: PartialRequest, { logic }: RuleLogic): number {
  const names = new Set(logic.atoms.flatMap(({ reads }) => [...reads]).flatMap(dependsOn));
  return [...names]
    .filter((name) => request.known[name] === undefined)
    .reduce((bits, name) => bits + Math.log2(request.valuesOf(name)), 0);
}

/** All that matters is known. The engine has the last word on what its rules say. */
function certain({ pack, day, space }: Lazy, request: PartialRequest): 'closed' | 'broken' {
  const { decision } = decide(pack, space.crossing({ day, choices: request.example() }));
  return decision === 'permit' ? 'broken' : 'closed';
}

function isHolding(lazy: Lazy, request: PartialRequest, { holds }: Statement): boolean | Unknown {
  return waiting(() =>
    holds({
      pack: lazy.pack,
      crossing: partialCrossing(lazy.space.crossing({ day: lazy.day, choices: request.example() }), request),
      verdict: { decision: 'permit' },
      decideAs: (changes) => decideAs(lazy, request, changes),
    }),
  );
}

/** What is read before it is chosen ends the question. */
function waiting<T>(ask: () => T): T | Unknown {
  try {
    return ask();
  } catch (open) {
    if (open instanceof Unknown) return open;
    throw open;
  }
}

/**
 * What the same request gets with other choices, if it passes as it is: no forbid matches then, so that those which do not read
 * what changes do not match now either.
 * @throws Unknown
 */
function decideAs(
  lazy: Lazy,
  request: PartialRequest,
  changes: Partial<Choices>,
): ReturnType<Asked['decideAs']> {
  const { pack, day, space, dimensions, start } = lazy;
  const names = Object.keys(changes) as Name[];
  const changed = names.reduce(
    (before, name) => before.with(name, placeOf(dimensions, name, changes[name as keyof Choices])),
    request,
  );
  const isTouched = ({ logic }: RuleLogic) =>
    logic.atoms
      .filter(({ reads }) => [...reads].some((path) => dependsOn(path).some((name) => names.includes(name))))
      .some(({ ask }) => isOther(ask(request), ask(changed)));
  const forbids = matching(start.forbids, changed, isTouched);
  const isPermitted = !start.permits.some(isTouched) || matching(start.permits, changed).length > 0;
  if (!isPermitted || forbids.some(({ hold }) => hold === null)) return { decision: 'refuse' };
  if (forbids.length === 0) return { decision: 'permit' };
  for (const name of HOLDS_BY) if (request.known[name] === undefined) throw new Unknown(name);
  return holdOrNot(pack, space.crossing({ day, choices: changed.example() }), forbids, []);
}

/** The deadlines that a hold may outlast, and whom it awaits. */
const HOLDS_BY: readonly Name[] = ['action', 'category', 'demand', 'urgency', 'nations', 'origin'];

function placeOf(dimensions: Dimensions, name: Name, value: unknown): number {
  const list: readonly unknown[] = name in dimensions ? dimensions[name as keyof Dimensions] : [];
  const place = list.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
  if (place < 0) throw new Error(`the space has no ${name} ${JSON.stringify(value)}`);
  return place;
}

/** @throws Unknown */
function isOther(before: Value | Unknown, after: Value | Unknown): boolean {
  if (before instanceof Unknown) throw before;
  if (after instanceof Unknown) throw after;
  return JSON.stringify(before) !== JSON.stringify(after);
}

/** @throws Unknown unless it can be said of each that counts */
function matching(
  rules: readonly RuleLogic[],
  request: PartialRequest,
  counts: (rule: RuleLogic) => boolean = () => true,
): Rule[] {
  return rules
    .filter((one) => one.logic.matches(request) !== false && counts(one))
    .flatMap(({ rule, logic }) => {
      const matches = logic.matches(request);
      if (matches instanceof Unknown) throw matches;
      return matches ? [rule] : [];
    });
}

function sizeOf({ known, valuesOf }: PartialRequest, { roles: _, ...dimensions }: Dimensions): bigint {
  const names = [
    ...(Object.keys(dimensions) as Exclude<Name, 'sender' | 'recipient'>[]),
    'sender',
    'recipient',
  ] as const;
  return names.reduce(
    (product, name) => (known[name] === undefined ? product * BigInt(valuesOf(name)) : product),
    1n,
  );
}
