import { join, resolve } from 'node:path';
import { type NetworkHome, paths, readHome } from '../network/home.js';
import { UsageError } from '../usage.js';

/** Where a nation's log lies with its records, and the packs that it was decided by. */
export interface LogSource {
  readonly nation: string;
  /** The ledger's data folder: `ledger.sqlite` and the image `log/`. */
  readonly dir: string;
  /** Verifier key of the log, `name+id+key`. */
  readonly vkey: string;
  /** Folders with `<sha256>.pack` and `<sha256>.directory`; also `<nation>.pack` or the rules' own files. */
  readonly archive: readonly string[];
  /** File of the trust anchors. */
  readonly anchors: string | null;
}

export interface LogChoice {
  readonly home?: string;
  readonly nation?: string;
  readonly log?: string;
  readonly vkey?: string;
  readonly archive?: string;
  readonly anchors?: string;
}

export const LOG_OPTIONS = [
  ['--home <dir>', 'folder of a network on this machine'],
  ['--nation <code>', 'whose log, for example DE'],
  ['--log <dir>', "instead of --home: a ledger's data folder, or a copy of it"],
  ['--vkey <key>', 'with --log: verifier key of the log, name+id+key'],
  ['--archive <dir>', "with --log: the gate's archive of the packs and directories that it decided by"],
  ['--anchors <file>', 'with --log: the trust anchors, where signatures are checked'],
] as const;

/** @throws UsageError that says what to name */
export function chooseLogs(choice: LogChoice): LogSource[] {
  const nation = choice.nation?.toUpperCase();
  if (choice.log !== undefined) {
    const { log, vkey, archive } = choice;
    if (nation === undefined || vkey === undefined || archive === undefined)
      throw new UsageError("With --log name its --nation, its --vkey and its gate's --archive as well.");
    const anchors = choice.anchors === undefined ? null : resolve(choice.anchors);
    return [{ nation, dir: resolve(log), vkey, archive: [resolve(archive)], anchors }];
  }
  const home = readHome(resolve(choice.home ?? '.entente'));
  const sources = home.nations
    .filter(({ code }) => nation === undefined || code === nation)
    .map((one) => sourceOf(home, one));
  if (sources.length === 0) throw new UsageError(`There is no nation ${nation} in this network.`);
  return sources;
}

/** @throws UsageError */
export function chooseLog(choice: LogChoice): LogSource {
  const [source, ...more] = chooseLogs(choice);
  if (!source || more.length > 0) throw new UsageError('Name one log with --nation.');
  return source;
}

function sourceOf({ dir }: NetworkHome, { code, vkey }: NetworkHome['nations'][number]): LogSource {
  return {
    nation: code,
    dir: paths.ledger(dir, code),
    vkey,
    archive: [paths.archive(dir, code), paths.packs(dir)],
    anchors: paths.anchors(dir),
  };
}

export const databaseOf = ({ dir }: LogSource): string => join(dir, 'ledger.sqlite');
export const imageOf = ({ dir }: LogSource): string => join(dir, 'log');
