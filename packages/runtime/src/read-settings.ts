import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ConfigError } from './error.js';

/** Each reads its own of the environment. @throws ConfigError */
export type SettingsReaders<S extends readonly unknown[]> = {
  readonly [K in keyof S]: (env: NodeJS.ProcessEnv) => S[K];
};

/** What is wrong with the settings, and with the files that they name, one a line. */
export interface SettingsProblems {
  readonly settings: readonly string[];
  readonly files: readonly string[];
}

/**
 * All settings of a service, or every problem that can be told before it starts: starting again mends none of them.
 * @throws ConfigError with all of them
 */
export function readSettings<S extends readonly unknown[]>(
  readers: SettingsReaders<S>,
  env: NodeJS.ProcessEnv,
): S {
  const { values, problems } = readAll(readers, env);
  const all = [...problems, ...fileProblems(env)];
  if (all.length > 0) throw new ConfigError(all);
  return values;
}

/** As `readSettings`, for whoever only asks. */
export function findProblems<S extends readonly unknown[]>(
  readers: SettingsReaders<S>,
  env: NodeJS.ProcessEnv,
): SettingsProblems {
  return { settings: readAll(readers, env).problems, files: fileProblems(env) };
}

function readAll<S extends readonly unknown[]>(readers: SettingsReaders<S>, env: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const values = readers.map((read) => {
    try {
      return read(env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  });
  return { values: values as unknown as S, problems };
}

/** Of files that have to be there. Folders are made by who writes into them, but nothing else may be in their place. */
function fileProblems(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const kind = /^ENTENTE_\w+_(FILE|DIR)$/.exec(name)?.[1];
    const paths = kind === 'FILE' ? value.split(':') : kind === 'DIR' ? [value] : [];
    return paths
      .filter((path) => isAbsolute(path))
      .flatMap((path) => {
        const problem = kind === 'FILE' ? fileProblem(path) : folderProblem(path);
        return problem === undefined ? [] : [`${name}: ${path} ${problem}`];
      });
  });
}

function fileProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is no file';
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return isMissing(error) ? 'is not there' : `cannot be read (${codeOf(error)})`;
  }
}

function folderProblem(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : 'is no folder';
  } catch (error) {
    return isMissing(error) ? undefined : `cannot be looked at (${codeOf(error)})`;
  }
}

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code ?? error);
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
