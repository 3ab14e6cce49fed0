import { isAbsolute } from 'node:path';
import { ConfigError } from './error.js';

/** How one setting is read: throws an Error whose message completes "NAME …". */
export type Setting<T> = (text: string) => T;

type Values<S extends Record<string, Setting<unknown>>> = { readonly [K in keyof S]: ReturnType<S[K]> };

const PREFIX = 'ENTENTE_';

/**
 * Environment → checked, frozen object. Every setting is needed: none has a default, so none can weaken anything unseen.
 * Names that begin with `ENTENTE_` and are not asked for are refused: a misspelt safety switch must not pass.
 *
 * @param settings by name without the prefix
 * @throws ConfigError with every problem at once
 */
export function readConfig<S extends Record<string, Setting<unknown>>>(
  env: NodeJS.ProcessEnv,
  settings: S,
): Values<S> {
  const problems = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !Object.hasOwn(settings, name.slice(PREFIX.length)))
    .map((name) => `${name} is not a setting of this service`);
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(settings)) {
    const text = env[PREFIX + name];
    try {
      if (text === undefined || text === '') throw new Error('is missing');
      values[name] = read(text);
    } catch (error) {
      problems.push(`${PREFIX}${name} ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as Values<S>;
}

/** The kinds of settings. Secrets are never values: they are paths to files. */
export const setting = Object.freeze({
  text: (pattern: RegExp, meaning: string): Setting<string> => {
    return (text) => {
      if (!pattern.test(text)) throw new Error(`must be ${meaning}`);
      return text;
    };
  },
  oneOf: <const T extends readonly string[]>(words: T): Setting<T[number]> => {
    return (text) => {
      if (!words.includes(text)) throw new Error(`must be one of ${words.join(', ')}`);
      return text;
    };
  },
  path: (text: string): string => {
    if (!isAbsolute(text)) throw new Error('must be an absolute path');
    return text;
  },
  /** One path, or several with a colon between: while keys change, the new one first. */
  paths: (text: string): readonly string[] => {
    const paths = text.split(':');
    if (!paths.every((path) => isAbsolute(path)) || paths.length > 8)
      throw new Error('must be absolute paths with a colon between them, eight at most');
    return paths;
  },
  port: (text: string): number => {
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port > 65_535)
      throw new Error('must be a port number (0 lets the system choose)');
    return port;
  },
  wholeNumber: (least: number): Setting<number> => {
    return (text) => {
      if (!/^\d{1,9}$/.test(text) || Number(text) < least)
        throw new Error(`must be a whole number, ${least} or more`);
      return Number(text);
    };
  },
  /** One server, or all servers of one cluster with commas between them. */
  natsUrl: (text: string): string => {
    const urls = text.split(',');
    if (!urls.every((url) => /^(nats|tls):\/\/[\w.:[\]-]+$/.test(url)) || urls.length > 8)
      throw new Error(
        'must be like nats://127.0.0.1:4222, without a password; several with commas, eight at most',
      );
    return text;
  },
});
