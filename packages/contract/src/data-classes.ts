import type { DataClass } from '../gen/vocabulary.js';
import { schemaAt } from './schema-at.js';

/** What stands in the place of a person's data: `pn:` and 32 hex digits, keyed by the sender. */
const PSEUDONYM = /^pn:[0-9a-f]{32}$/;

function isPseudonym(value: unknown): boolean {
  return typeof value === 'string' && PSEUDONYM.test(value);
}

interface Schema {
  readonly $ref?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly 'x-data-class'?: DataClass | 'none';
}

interface Field {
  readonly schema: Schema;
  /** Its address, from which what it refers to is meant. */
  readonly id: string;
}
type Visit = (
  dataClass: DataClass,
  owner: Record<string, unknown> | unknown[],
  key: string | number,
  field: Field,
) => void;

/** The data classes of all fields that hold something, in the order of the alphabet. */
export function listDataClasses(content: object, schemaName: string): DataClass[] {
  const found = new Set<DataClass>();
  walkContent(content, schemaName, (dataClass, owner, key) => {
    const value = (owner as Record<string | number, unknown>)[key];
    if (isFilled(value)) found.add(isPseudonym(value) ? 'pseudonym' : dataClass);
  });
  return [...found].sort();
}

/** A copy without any field of this class; objects and lists that become empty go too. */
export function redactContent<T extends object>(content: T, schemaName: string, dataClass: DataClass): T {
  const copy = structuredClone(content);
  walkContent(copy, schemaName, (found, owner, key) => {
    if (found === dataClass) (owner as Record<string | number, unknown>)[key] = undefined;
  });
  return (pruneEmpty(copy) ?? {}) as T;
}

/**
 * A copy in which every text of this class is a pseudonym. A field whose form has no room for one (an address, a time) goes,
 * as with `redactContent`.
 */
export function pseudonymiseContent<T extends object>(
  content: T,
  schemaName: string,
  dataClass: DataClass,
  pseudonymOf: (value: string) => string,
): T {
  const copy = structuredClone(content);
  walkContent(copy, schemaName, (found, owner, key, field) => {
    const fields = owner as Record<string | number, unknown>;
    const value = fields[key];
    if (found !== dataClass || isPseudonym(value)) return;
    const pseudonym = typeof value === 'string' ? pseudonymOf(value) : '';
    fields[key] = isPseudonym(pseudonym) && canHold(field, pseudonym) ? pseudonym : undefined;
  });
  return (pruneEmpty(copy) ?? {}) as T;
}

function canHold({ schema, id }: Field, value: string): boolean {
  const { $ref, format, pattern, maxLength } = schema;
  if (format !== undefined || schema.enum !== undefined) return false;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return false;
  if (maxLength !== undefined && value.length > maxLength) return false;
  return $ref === undefined || canHold(follow(schema, $ref, id), value);
}

/**
 * Schema and data side by side. It knows the keywords that our schemas use for structure, and no more: a test holds them to that.
 */
function walkContent(content: object, schemaName: string, visit: Visit): void {
  const root = roots.get(schemaName) ?? (schemaAt(`${schemaName}.json`) as Field);
  roots.set(schemaName, root);
  walk(content, root, visit);
}

const roots = new Map<string, Field>();

function walk(value: unknown, { schema, id }: Field, visit: Visit): void {
  if (typeof value !== 'object' || value === null) return;
  if (schema.$ref !== undefined) walk(value, follow(schema, schema.$ref, id), visit);
  if (schema.allOf) for (const part of schema.allOf) walk(value, { schema: part, id }, visit);
  if (Array.isArray(value) && schema.items) {
    for (const [index, item] of value.entries())
      step(value, index, item, { schema: schema.items, id }, visit);
  } else if (schema.properties) {
    const owner = value as Record<string, unknown>;
    for (const key of Object.keys(owner)) {
      if (!Object.hasOwn(schema.properties, key)) continue;
      step(owner, key, owner[key], { schema: schema.properties[key] as Schema, id }, visit);
    }
  }
}

function step(
  owner: Record<string, unknown> | unknown[],
  key: string | number,
  value: unknown,
  field: Field,
  visit: Visit,
): void {
  for (const dataClass of classesOf(field)) visit(dataClass, owner, key, field);
  walk((owner as Record<string | number, unknown>)[key] ?? value, field, visit);
}

const classes = new WeakMap<Schema, readonly DataClass[]>();

function classesOf({ schema, id }: Field): readonly DataClass[] {
  const known = classes.get(schema);
  if (known) return known;
  const own = schema['x-data-class'];
  const found = own !== undefined && own !== 'none' ? [own] : [];
  const all = schema.$ref === undefined ? found : [...found, ...classesOf(follow(schema, schema.$ref, id))];
  classes.set(schema, all);
  return all;
}

const followed = new WeakMap<Schema, Field>();

/** Where a schema refers to. Each stands in one file, so that it has one address: the other is put together once. */
function follow(schema: Schema, $ref: string, id: string): Field {
  const known = followed.get(schema);
  if (known) return known;
  const target = schemaAt($ref, id) as Field;
  followed.set(schema, target);
  return target;
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function pruneEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.map(pruneEmpty).filter((item) => item !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, pruneEmpty(item)] as const)
    .filter(([, item]) => item !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
