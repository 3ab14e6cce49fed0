import type { Findings } from './collect-findings.js';

/** Makes something of a value, or says `undefined`: it does not fit. `changed` is called when the result is not what stood there. */
export type Reader<T> = (value: unknown, changed: (how: string) => void) => T | undefined;

/** The fields of one object of a report. Whatever is never read, or does not fit, ends in the findings: nothing is lost unseen. */
export interface Fields {
  readonly raw: (name: string) => unknown;
  readonly take: <T>(name: string, read: Reader<T>) => T | undefined;
  /** At most `most` members of a list, those that fit. */
  readonly list: <T>(name: string, most: number, read: Reader<T>) => T[];
  readonly group: (name: string) => Fields;
  readonly groups: (name: string, most: number) => Fields[];
  readonly path: (name: string) => string;
  /** To be called when all is read: tells what was not. */
  readonly close: () => void;
}

export function openFields(value: unknown, at: string, findings: Findings): Fields {
  const source = isRecord(value) ? value : {};
  const seen = new Set<string>();
  const opened = new Map<string, Fields>();
  const path = (name: string) => (at === '' ? name : `${at}.${name}`);
  const raw = (name: string): unknown => {
    seen.add(name);
    return Object.hasOwn(source, name) ? (source[name] ?? undefined) : undefined;
  };
  const open = (inner: unknown, where: string): Fields => {
    if (!isRecord(inner) && inner !== undefined) findings.misfit(where);
    const fields = opened.get(where) ?? openFields(inner, where, findings);
    opened.set(where, fields);
    return fields;
  };
  const readAt = <T>(inner: unknown, where: string, read: Reader<T>): T | undefined => {
    const result = read(inner, (how) => findings.changed(where, how));
    if (result === undefined) findings.misfit(where);
    return result;
  };
  const members = (name: string, most: number): unknown[] => {
    const found = raw(name);
    if (found === undefined) return [];
    if (!Array.isArray(found)) {
      findings.misfit(path(name));
      return [];
    }
    if (found.length > most) findings.changed(path(name), `the first ${most} of ${found.length}`);
    return found.slice(0, most);
  };
  return Object.freeze({
    raw,
    path,
    take: <T>(name: string, read: Reader<T>) => {
      const found = raw(name);
      return found === undefined ? undefined : readAt(found, path(name), read);
    },
    list: <T>(name: string, most: number, read: Reader<T>) =>
      members(name, most).flatMap((member, index) => readAt(member, `${path(name)}[${index}]`, read) ?? []),
    group: (name: string) => open(raw(name), path(name)),
    groups: (name: string, most: number) =>
      members(name, most).map((member, index) => open(member, `${path(name)}[${index}]`)),
    close: () => {
      for (const name of Object.keys(source)) if (!seen.has(name)) findings.dropped(path(name));
      for (const fields of opened.values()) fields.close();
    },
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
