import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `network.json` says: where everything of a network on this machine is. No secret stands in it. */
export interface NetworkHome {
  readonly dir: string;
  readonly name: string;
  readonly interconnect: { readonly clientPort: number; readonly leafPort: number };
  readonly nations: readonly NationHome[];
  /** By nation: where its log is read. A home from before has none. */
  readonly logPorts?: Readonly<Record<string, number>>;
  /** By nation: where its monitor is a witness for the others, and shows what is cosigned and stamped. A home from before has none. */
  readonly witnessPorts?: Readonly<Record<string, number>>;
  /** By the name of the process: where its health and its metrics are. */
  readonly operationPorts?: Readonly<Record<string, number>>;
}

export interface NationHome {
  readonly code: string;
  /** Of a cluster: that of the first server. */
  readonly natsPort: number;
  /** Of a nation on a cluster: three servers, two ledgers and two gates, and a second edge for some members. */
  readonly cluster?: {
    readonly servers: readonly { readonly natsPort: number; readonly statusPort: number }[];
    readonly standby: readonly string[];
  };
  readonly origin: string;
  readonly vkey: string;
  readonly members: readonly {
    readonly id: string;
    readonly roles: readonly string[];
    readonly httpPort: number;
  }[];
}

export class HomeError extends Error {}

/** The name of one of several alike: the first has the plain name, then `gate.de.2`. */
export const nth = (name: string, index: number): string => (index === 0 ? name : `${name}.${index + 1}`);

export const paths = Object.freeze({
  network: (dir: string) => join(dir, 'network.json'),
  anchors: (dir: string) => join(dir, 'anchors.json'),
  directory: (dir: string) => join(dir, 'directory'),
  packs: (dir: string) => join(dir, 'packs'),
  interconnectConfig: (dir: string) => join(dir, 'interconnect', 'nats.conf'),
  secret: (dir: string, owner: string, name: string) => join(dir, 'secrets', owner, name),
  nation: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase()),
  natsConfig: (dir: string, code: string, server = 0) =>
    join(dir, 'nations', code.toLowerCase(), `${nth('nats', server)}.conf`),
  ledger: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase(), 'ledger'),
  log: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase(), 'ledger', 'log'),
  archive: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase(), 'archive'),
  quarantine: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase(), 'quarantine'),
  monitor: (dir: string, code: string) => join(dir, 'nations', code.toLowerCase(), 'monitor'),
  monitorLogs: (dir: string, code: string) =>
    join(dir, 'nations', code.toLowerCase(), 'monitor', 'logs.json'),
  witnessPolicy: (dir: string) => join(dir, 'witness-policy.txt'),
  edge: (dir: string, member: string) => join(dir, 'members', member),
  edgeQuarantine: (dir: string, member: string) => join(dir, 'members', member, 'quarantine'),
  logFile: (dir: string, name: string) => join(dir, 'logs', `${name}.log`),
});

/** The name under which a nation's monitor cosigns. */
export function witnessName(code: string): string {
  return `entente.example/witness/${code.toLowerCase()}`;
}

/** @throws HomeError that says what to do */
export function readHome(dir: string): NetworkHome {
  const file = paths.network(dir);
  return { ...(JSON.parse(readOwn(file, missing(dir))) as Omit<NetworkHome, 'dir'>), dir };
}

export function findMember(home: NetworkHome, id: string): NationHome['members'][number] {
  const all = home.nations.flatMap(({ members }) => members);
  const member = all.find((known) => known.id === id);
  if (!member)
    throw new HomeError(
      `There is no member "${id}" in this network. Members: ${all.map((known) => known.id).join(', ')}`,
    );
  return member;
}

function missing(dir: string): string {
  return `There is no network in ${dir}. Start one with "entente up --home ${dir}", or name its folder with --home.`;
}

/** A folder of another user hides whether there is a file in it. */
function readOwn(file: string, ifMissing: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new HomeError(ifMissing, { cause });
    if (code === 'EACCES' || code === 'EPERM')
      throw new HomeError(
        `This user may not read ${file}: run the command as the user who started the network.`,
        { cause },
      );
    throw new HomeError(`${file} cannot be read: ${message}`, { cause });
  }
}

/** The token that opens this member's edge; only the owner of the home can read it. */
export function readToken(home: NetworkHome, member: string): string {
  const file = tokenFile(home, member);
  return readOwn(file, `The token of ${member} is not there: ${file}.`).trim();
}

export function tokenFile(home: NetworkHome, member: string): string {
  return paths.secret(home.dir, member, 'http.token');
}
