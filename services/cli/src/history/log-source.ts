import { join, resolve } from 'node:path';
import { type NetworkHome, paths, readHome } from '../network/home.js';
import { UsageError } from '../usage.js';
import { type LedgerLog, listLogs } from './ledger-logs.js';

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
  /** The data folder of its ledger, where orders and legal holds lie; without it, `dir`. */
  readonly dataDir?: string;
  /** All logs of its ledger, the oldest first, this one among them. */
  readonly logs?: readonly LedgerLog[];
}

export interface LogChoice {
  readonly home?: string;
  readonly nation?: string;
  readonly origin?: string;
  readonly log?: string;
  readonly vkey?: string;
  readonly archive?: string;
  readonly anchors?: string;
}

export const LOG_OPTIONS = [
  ['--home <dir>', 'folder of a network on this machine'],
  ['--nation <code>', 'whose log, for example DE'],
  ['--origin <name>', 'one log of the nation, for example entente.example/de/2027; without it, all of them'],
  ['--log <dir>', "instead of --home: a ledger's data folder, or a copy of it"],
  ['--vkey <key>', 'with --log: verifier key of the log, name+id+key; of several logs, with commas between'],
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
    const places = { nation, archive: [resolve(archive)], anchors };
    return chosen(logsOf(resolve(log), vkey.split(','), places), choice);
  }
  const home = readHome(resolve(choice.home ?? '.entente'));
  const sources = home.nations
    .filter(({ code }) => nation === undefined || code === nation)
    .flatMap((one) => sourcesOf(home, one));
  if (sources.length === 0) throw new UsageError(`There is no nation ${nation} in this network.`);
  return chosen(sources, choice);
}

function chosen(sources: readonly LogSource[], { origin }: LogChoice): LogSource[] {
  const found = sources.filter((source) => origin === undefined || originOf(source) === origin);
  if (found.length > 0) return found;
  throw new UsageError(`There is no log ${origin}, only ${sources.map(originOf).join(', ')}.`);
}

/** @throws UsageError */
export function chooseLog(choice: LogChoice): LogSource {
  const [source, ...more] = chooseLogs(choice);
  if (!source || more.some(({ nation }) => nation !== source.nation))
    throw new UsageError('Name one log with --nation.');
  if (more.length > 0)
    throw new UsageError(`Name one log with --origin: ${[source, ...more].map(originOf).join(', ')}.`);
  return source;
}

function sourcesOf({ dir }: NetworkHome, { code, vkey }: NetworkHome['nations'][number]): LogSource[] {
  const archive = [paths.archive(dir, code), paths.packs(dir)];
  return logsOf(paths.ledger(dir, code), [vkey], {
    nation: code,
    archive,
    anchors: paths.anchors(dir),
    isOwn: true,
  });
}

type Places = Pick<LogSource, 'nation' | 'archive' | 'anchors'> & {
  /** Of a network on this machine: what its ledgers state of their keys is not another's word. */
  readonly isOwn?: boolean;
};

/** Each log of a ledger that is still there. Its key has to be known: what is not checked must not be left out in silence. */
function logsOf(
  dataDir: string,
  vkeys: readonly string[],
  { isOwn = false, ...places }: Places,
): LogSource[] {
  const known = new Map(vkeys.map((vkey) => [nameOf(vkey), vkey]));
  const logs = listLogs(dataDir, nameOf(vkeys[0] ?? ''));
  return logs
    .filter(({ remains }) => remains === null)
    .map(({ origin, dir, vkey: stated }) => {
      const vkey = known.get(origin) ?? (isOwn ? stated : null);
      if (vkey === null) throw new UsageError(`Name the verifier key of ${origin} with --vkey as well.`);
      return { ...places, dir, vkey, dataDir, logs };
    });
}

const nameOf = (vkey: string): string => vkey.slice(0, vkey.indexOf('+'));
export const originOf = ({ vkey }: LogSource): string => nameOf(vkey);
export const databaseOf = ({ dir }: LogSource): string => join(dir, 'ledger.sqlite');
export const imageOf = ({ dir }: LogSource): string => join(dir, 'log');
