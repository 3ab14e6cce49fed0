import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { folderFiles, type LogFiles } from '@entente/audit';
import { type NetworkHome, paths, readHome } from '../network/home.js';
import { UsageError } from '../usage.js';
import { httpFiles, isAddress, type Remote } from './http-files.js';
import { type LedgerLog, listLogs } from './ledger-logs.js';
import { readLogsList } from './logs-list.js';

/** Where a nation's log lies with its records, and the packs that it was decided by. */
export interface LogSource {
  readonly nation: string;
  /**
   * The ledger's data folder, `ledger.sqlite` and the image `log/`; or a copy, with the image itself and `records/`. Of a log that
   * is read over HTTP: its address.
   */
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
  /** Of a log that is not read in the folder of its ledger: the other logs of its nation, as far as they were named. */
  readonly others?: readonly LogSource[];
  /** Set: read over HTTP, and what is missing in the first folder of the archive is fetched into it. */
  readonly remote?: Remote;
}

export interface LogChoice {
  readonly home?: string;
  readonly nation?: string;
  readonly origin?: string;
  readonly log?: string;
  readonly logs?: string;
  readonly vkey?: string;
  readonly archive?: string;
  readonly anchors?: string;
  readonly tokenFile?: string;
}

export const LOG_OPTIONS = [
  ['--home <dir>', 'folder of a network on this machine'],
  ['--nation <code>', 'whose log, for example DE'],
  ['--origin <name>', 'one log of the nation, for example entente.example/de/2027; without it, all of them'],
  [
    '--log <dir or address>',
    "instead of --home: a ledger's data folder, a copy of a log, or its https:// address",
  ],
  ['--vkey <key>', 'with --log: verifier key of the log, name+id+key; of several logs, with commas between'],
  [
    '--archive <dir>',
    'with --log: the packs and directories that were decided by; else they are read beside it',
  ],
  ['--anchors <file>', 'with --log: the trust anchors, where signatures are checked'],
  ['--token-file <file>', "with an address: file of the auditors' token"],
  [
    '--logs <file>',
    'instead of --log: a JSON list of logs, each with nation, vkey, log, and tokenFile or archive',
  ],
] as const;

/** @throws UsageError that says what to name */
export function chooseLogs(choice: LogChoice): LogSource[] {
  const nation = choice.nation?.toUpperCase();
  const anchors = choice.anchors === undefined ? null : resolve(choice.anchors);
  if (choice.log !== undefined) {
    const { log, vkey, archive, tokenFile } = choice;
    if (nation === undefined || vkey === undefined)
      throw new UsageError('With --log name its --nation and its --vkey as well.');
    return chosen(placed({ nation, vkey, log, archive, tokenFile }, anchors, '.'), choice);
  }
  const sources = choice.logs
    ? readLogsList(resolve(choice.logs)).flatMap(({ listed, base }) => placed(listed, anchors, base))
    : ofHome(readHome(resolve(choice.home ?? '.entente')));
  const own = sources.filter((source) => nation === undefined || source.nation === nation);
  if (own.length === 0) throw new UsageError(`There is no nation ${nation} in this network.`);
  return chosen(own, choice);
}

function chosen(sources: readonly LogSource[], { origin }: LogChoice): LogSource[] {
  const found = sources
    .filter((source) => origin === undefined || originOf(source) === origin)
    .map((source) => (source.logs ? source : { ...source, others: othersOf(source, sources) }));
  if (found.length > 0) return found;
  throw new UsageError(`There is no log ${origin}, only ${sources.map(originOf).join(', ')}.`);
}

function othersOf(source: LogSource, sources: readonly LogSource[]): LogSource[] {
  return sources.filter((other) => other !== source && other.nation === source.nation);
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

export interface PlacedLog {
  readonly nation: string;
  readonly vkey: string;
  readonly log: string;
  readonly archive?: string | undefined;
  readonly tokenFile?: string | undefined;
}

function placed(
  { nation, vkey, log, archive, tokenFile }: PlacedLog,
  anchors: string | null,
  base: string,
): LogSource[] {
  const vkeys = vkey.split(',');
  const own = archive === undefined ? [] : [resolve(base, archive)];
  if (isAddress(log)) {
    const token = tokenFile === undefined ? {} : { tokenFile: resolve(base, tokenFile) };
    const fetchedInto = [fetched(), ...own];
    return vkeys.map((one) => {
      // A ledger shows each of its logs under its origin, and the first one at its root as well.
      const place = vkeys.length > 1 ? `${log.replace(/\/+$/, '')}/${nameOf(one)}` : log;
      return {
        nation,
        dir: place,
        vkey: one,
        archive: fetchedInto,
        anchors,
        remote: { base: place, ...token },
      };
    });
  }
  const dir = resolve(base, log);
  if (own.length === 0 && !existsSync(join(dir, ARCHIVE)))
    throw new UsageError(`There is no folder ${join(dir, ARCHIVE)}: name its gate's with --archive.`);
  const places = { nation, archive: own.length > 0 ? own : [join(dir, ARCHIVE)], anchors };
  if (isLedgerFolder(dir)) return logsOf(dir, vkeys, places);
  if (vkeys.length > 1) throw new UsageError(`${dir} is a copy of one log: name its own --vkey only.`);
  return [{ ...places, dir, vkey }];
}

const ARCHIVE = 'archive';

/** For as long as this process runs; what lies in it is named by its hash, and checked by it. */
function fetched(): string {
  const dir = mkdtempSync(join(tmpdir(), 'entente-archive-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function ofHome(home: NetworkHome): LogSource[] {
  const { dir } = home;
  return home.nations.flatMap(({ code, vkey }) => {
    const archive = [paths.archive(dir, code), paths.packs(dir)];
    const places = { nation: code, archive, anchors: paths.anchors(dir), isOwn: true };
    return logsOf(paths.ledger(dir, code), [vkey], places);
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

/** Undefined: this log has its records as files. */
export function databaseOf({ dir, remote }: LogSource): string | undefined {
  return !remote && isLedgerFolder(dir) ? join(dir, 'ledger.sqlite') : undefined;
}

function isLedgerFolder(dir: string): boolean {
  return ['ledger.sqlite', 'log', 'origins'].some((name) => existsSync(join(dir, name)));
}

export function logFilesOf(source: LogSource): LogFiles {
  return source.remote ? httpFiles(source.remote) : folderFiles(imageOf(source));
}

/** The folder, or the address, of checkpoint and tiles. */
export function imageOf({ dir, remote }: LogSource): string {
  if (remote) return remote.base;
  const image = join(dir, 'log');
  return existsSync(image) ? image : dir;
}
