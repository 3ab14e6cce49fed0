import type { Reader } from './open-fields.js';

/** Which of our words stands for a word of XARF's lists. The keys are written with `_`. */
export type Words<T extends string> = Readonly<Record<string, T>>;

/** A word of a closed list, however it is spelt: `tech_support`, `tech-support`, `Tech Support`. */
export function readWord<T extends string>(words: Words<T>): Reader<T> {
  return (value) => {
    if (typeof value !== 'string' || value.length > 60) return undefined;
    const key = value.trim().toLowerCase().replace(/[ -]/g, '_');
    return Object.hasOwn(words, key) ? words[key] : undefined;
  };
}

/** The words that both lists have: `tech-support` for `tech_support`. */
export function sameWords<const T extends string>(...words: readonly T[]): Words<T> {
  return Object.fromEntries(words.map((word) => [word.replaceAll('-', '_'), word]));
}

export function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
