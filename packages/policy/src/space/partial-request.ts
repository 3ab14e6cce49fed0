import type { Crossing } from '../crossing.js';
import type { CedarValueJson } from '../engine.js';
import { frameRequest } from '../frame-request.js';
import type { Pack } from '../pack.js';
import { crossingOf } from './crossing-of.js';
import type { Choices, Dimensions } from './dimensions.js';

/** A choice that can be made by itself; the two roles one by one. */
export type Name = Exclude<keyof Choices, 'roles'> | 'sender' | 'recipient';
/** What is known of a request: the place of each choice among its dimension's values. */
export type Known = Readonly<Partial<Record<Name, number>>>;
/** A word or a member as one text; a day in milliseconds; a list of such. */
export type Value = boolean | number | string | readonly (boolean | number | string)[];

/** Cannot be said yet: it depends on this choice. */
export class Unknown {
  constructor(readonly needs: Name) {}
}

const CLOCKS = [
  'action',
  'category',
  'demand',
  'urgency',
  'nations',
  'recipient',
  'legalBasis',
] as const satisfies readonly Name[];
const COMPETENCE = ['nations', 'sender', 'demand', 'category', 'action', 'dataSought'] as const;

function member(path: string, role: Name): Readonly<Record<string, readonly Name[]>> {
  const on: readonly (readonly [readonly string[], readonly Name[]])[] = [
    [['nation', 'eu', 'gdpr', 'led', 'treaties'], ['nations']],
    [
      ['types', 'holdsRole'],
      [role, 'unheld'],
    ],
    [
      ['adequate', 'adequateLed'],
      ['nations', role],
    ],
    [['in'], [role]],
  ];
  return Object.fromEntries(
    on.flatMap(([names, choices]) => names.map((name) => [`${path}.${name}`, choices] as const)),
  );
}

/** On which choices each part of a question depends. A test changes all others and sees that nothing moves. */
export const DEPENDS: Readonly<Record<string, readonly Name[]>> = {
  ...member('principal', 'sender'),
  ...member('resource', 'recipient'),
  action: ['action'],
  stage: ['nations'],
  day: [],
  crossesBorder: ['nations'],
  competent: COMPETENCE,
  validators: COMPETENCE,
  approvals: ['approvals', 'origin', 'nations'],
  originApprovals: ['approvals', 'origin', 'nations'],
  foreignOrigin: ['origin', 'nations'],
  originLed: ['origin', 'nations'],
  emergencyCovers: ['urgency', 'recipient', 'category', 'dataClasses'],
  listOffence: ['category'],
  csamDerogation: [],
  trustedFlagger: ['flagger', 'nations', 'category', 'legalBasis'],
  clocksMissing: ['clocks', ...CLOCKS],
  clocksFalse: ['clocks', ...CLOCKS],
  'facts.force': ['demand'],
  'facts.instrument': ['demand'],
  'facts.clocks': ['clocks', ...CLOCKS],
  'facts.origin': ['origin', 'nations'],
};

export function dependsOn(path: string): readonly Name[] {
  const [, fact] = path.split('facts.');
  return DEPENDS[path] ?? (fact === undefined ? noSuch(path) : [fact as Name]);
}

function noSuch(path: string): never {
  throw new Error(`it is not said on which choices "${path}" depends`);
}

/** The requests of one day of which some choices are made. */
export interface PartialRequest {
  readonly known: Known;
  /** A part of the question, `facts.category` or `principal.eu`; `principal.in` are role and groups. */
  readonly read: (path: string) => Value | Unknown;
  readonly with: (name: Name, place: number) => PartialRequest;
  /** One of them, with the first value of all that is open. */
  readonly example: () => Choices;
  readonly valuesOf: (name: Name) => number;
  /** One of them, the open choices taken at random. */
  readonly complete: (random: () => number) => PartialRequest;
}

export interface Day {
  readonly pack: Pack;
  readonly day: string;
  readonly dimensions: Dimensions;
}

export function partialRequests({ pack, day, dimensions }: Day): PartialRequest {
  const values = new Map<string, Value>();
  // The dimension has each sender's role with each recipient's, in this order.
  const roleCount = Math.sqrt(dimensions.roles.length);
  const valuesOf = (name: Name) =>
    name === 'sender' || name === 'recipient' ? roleCount : dimensions[name].length;
  const names = [
    ...(Object.keys(dimensions) as (keyof Choices)[]).filter((name) => name !== 'roles'),
    'sender',
    'recipient',
  ] as const;
  const choicesOf = (known: Known): Choices =>
    Object.fromEntries(
      Object.entries(dimensions).map(([name, list]) => [
        name,
        list[
          name === 'roles'
            ? (known.sender ?? 0) * roleCount + (known.recipient ?? 0)
            : (known[name as Name] ?? 0)
        ],
      ]),
    ) as unknown as Choices;
  const readAt = (known: Known, path: string): Value | Unknown => {
    const on = dependsOn(path);
    let key = path;
    for (const name of on) {
      const place = known[name];
      if (place === undefined) return new Unknown(name);
      key += `/${place}`;
    }
    const found = values.get(key) ?? readValue(pack, crossingOf(pack, day, choicesOf(known)), path);
    values.set(key, found);
    return found;
  };
  const requestOf = (known: Known): PartialRequest => ({
    known,
    read: (path) => readAt(known, path),
    with: (name, place) => requestOf({ ...known, [name]: place }),
    example: () => choicesOf(known),
    valuesOf,
    complete: (random) =>
      requestOf({
        ...Object.fromEntries(names.map((name) => [name, Math.floor(random() * valuesOf(name))])),
        ...known,
      }),
  });
  return requestOf({});
}

/** As the engine would be given it: there is one place that frames a question. */
export function readValue(pack: Pack, crossing: Crossing, path: string): Value {
  const { action, context, entities } = frameRequest(pack, crossing);
  if (path === 'action') return nameOf(action);
  const [first = '', last = ''] = path.split('.');
  if (first === 'facts') return plain((context.facts as Record<string, CedarValueJson>)[last]);
  const member = first === 'principal' ? entities[0] : first === 'resource' ? entities[1] : undefined;
  if (!member) return plain(context[path]);
  return last === 'in' ? member.parents.map((one) => nameOf(one as never)) : plain(member.attrs[last]);
}

export function plain(value: CedarValueJson | undefined): Value {
  if (Array.isArray(value)) return value.map((one) => plain(one) as string);
  if (typeof value !== 'object' || value === null) return value as Value;
  const { __entity, __extn } = value as { __entity?: never; __extn?: { arg: string } };
  return __extn ? Date.parse(__extn.arg) : nameOf(__entity as never);
}

export function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}::${id}`;
}
