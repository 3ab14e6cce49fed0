import { BusError } from './error.js';
import { type Grants, gateCrossGrants, gateGrants, inboxPrefix, ledgerGrants } from './grants.js';
import { accountOf, memberAccount, memberExports } from './member-account.js';
import { checkNation, checkPattern, checkStreamName } from './names.js';
import { clusterOf, type NationCluster } from './server-cluster.js';
import {
  type Address,
  bounds,
  type ClientTls,
  clientTls,
  configText,
  hostPort,
  isLoopback,
  listenOn,
  type ServerTls,
  serverTls,
  user,
} from './server-options.js';

export interface NationServer {
  /** `DE`: also the name of the JetStream domain. */
  readonly nation: string;
  /** Unique among all servers that can reach each other. */
  readonly serverName: string;
  readonly listen: Address;
  /** Port of the server's own HTTP status pages, on loopback. */
  readonly statusPort?: number;
  readonly storeDir: string;
  /** Bytes of storage for the nation's own streams, and for what comes in from other nations. */
  readonly nationBytes?: number;
  readonly crossBytes?: number;
  readonly tls?: ServerTls;
  readonly users: NationUsers;
  /** Where this server joins the interconnect; without it the nation is alone. */
  readonly interconnect?: NationLeaf;
  /** With it, this is one of several servers of the nation. Each joins the interconnect: interest from afar ends at the server that it reaches. */
  readonly cluster?: NationCluster;
}

/** Public NKEY user keys. */
export interface NationUsers {
  readonly members: readonly { readonly token: string; readonly publicKey: string }[];
  readonly gate: string;
  /** The gate's second key, for its connection to what faces the interconnect. */
  readonly gateCross: string;
  readonly ledger: string;
  /** Further services of the nation, such as a monitor, with exactly what they need. */
  readonly others?: readonly { readonly publicKey: string; readonly grants: Grants }[];
}

export interface NationLeaf {
  /** One address for each interconnect server; any of them will do. */
  readonly addresses: readonly Address[];
  /** 256 bits as base64url, from a secret file. This configuration holds it: keep the file as secret. */
  readonly password: string;
  readonly tls?: ClientTls;
}

const GIGABYTE = 1024 ** 3;
/** What waits for a member, and beside that its emergencies. */
const OF_MEMBER = GIGABYTE + GIGABYTE / 16;
const PASSWORD = /^[A-Za-z0-9_-]{43,128}$/;

/**
 * The nats-server configuration of a nation. Its accounts: NATION, with the gate, the ledger and the streams; one for
 * each member; and CROSS, which faces the interconnect and holds the crossing streams alone.
 * @throws BusError `bad-config`
 */
export function nationServerConfig(server: NationServer): string {
  const nation = checkNation(server.nation);
  const {
    users,
    nationBytes = 5 * GIGABYTE + users.members.length * OF_MEMBER,
    crossBytes = 4 * GIGABYTE,
  } = server;
  // Of an account's limit each copy of a stream takes its part; what a server stores is counted for itself.
  const copies = server.cluster ? server.cluster.routes.length + 1 : 1;
  const people = refuseRepeats(users);
  return configText({
    server_name: checkStreamName(server.serverName),
    listen: listenOn(server.listen, server.tls),
    ...(server.statusPort ? { http: hostPort({ port: server.statusPort }) } : {}),
    ...serverTls(server.tls),
    ...bounds,
    // By these a server notices as well that a route is dead, which does not say so: until then what comes to it goes nowhere.
    ...(server.cluster ? { ping_interval: '2s' } : {}),
    // Each holds one connection, or two while it restarts.
    max_connections: 2 * people + 64,
    jetstream: {
      store_dir: server.storeDir,
      domain: nation,
      max_memory_store: 16 * 1024 * 1024,
      max_file_store: nationBytes + crossBytes,
    },
    system_account: 'SYS',
    accounts: {
      SYS: {},
      NATION: {
        // Zero says "unlimited" to some versions.
        jetstream: {
          max_memory: 1,
          max_file: copies * nationBytes,
          max_streams: 2 * users.members.length + 4,
        },
        users: insiders(users, server.cluster !== undefined),
        exports: users.members.flatMap(({ token }) => memberExports(token)),
      },
      ...Object.fromEntries(users.members.map((member) => [memberAccount(member.token), accountOf(member)])),
      // Its own bounds: what other nations send can never take the place of what is said inside.
      CROSS: {
        jetstream: { max_memory: 1, max_file: copies * crossBytes, max_streams: 2, max_consumers: 2 },
        users: [user(users.gateCross, gateCrossGrants(nation))],
      },
    },
    ...(server.cluster ? { cluster: clusterOf(nation, server.cluster) } : {}),
    ...(server.interconnect ? { leafnodes: leafTo(nation, server.interconnect) } : {}),
  });
}

function insiders({ gate, ledger, members, others = [] }: NationUsers, isOfCluster: boolean) {
  const tokens = members.map(({ token }) => token);
  return [
    user(gate, gateGrants(tokens)),
    user(ledger, ledgerGrants({ isOfCluster })),
    ...others.map(({ publicKey, grants }) => {
      [...grants.publish, ...grants.subscribe].forEach(checkNarrow);
      return user(publicKey, grants);
    }),
  ];
}

// A pattern that is refused for its `$` would have reached JetStream's or the system's own subjects.
function checkNarrow(pattern: string): void {
  if (/^[*>]/.test(checkPattern(pattern))) throw new BusError('bad-config', `${pattern} grants too much`);
}

function leafTo(nation: string, { addresses, password, tls }: NationLeaf) {
  if (!PASSWORD.test(password))
    throw new BusError('bad-config', "the leaf's password is not 256 bits as base64url");
  if (!tls && !addresses.every(({ host }) => isLoopback(host))) {
    throw new BusError('bad-config', 'an interconnect that is not on loopback needs TLS');
  }
  return {
    // Seconds; the server adds a jitter.
    reconnect: 1,
    no_advertise: true,
    remotes: [
      {
        urls: addresses.map((address) => `nats-leaf://${nation}:${password}@${hostPort(address)}`),
        account: 'CROSS',
        ...clientTls(tls),
        // INVARIANT: of all that lives in CROSS, only crossings and their acknowledgements can be reached from
        // outside: not JetStream's API, not the server's own services, not the gate's inbox.
        deny_imports: NOT_FROM_OUTSIDE,
        deny_exports: NOT_FROM_OUTSIDE,
      },
    ],
  };
}

const RESERVED = ['$JS.>', '$JSC.>', '$SYS.>', '$NRG.>', '$KV.>', '$O.>', '_R_.>', '_GR_.>', '_INBOX.>'];
const NOT_FROM_OUTSIDE = [...RESERVED, `${inboxPrefix('gate')}.>`];

// One key in two accounts would be whichever the server finds first.
function refuseRepeats({ gate, gateCross, ledger, members, others = [] }: NationUsers): number {
  const tokens = members.map(({ token }) => token);
  const keys = [gate, gateCross, ledger, ...[...members, ...others].map(({ publicKey }) => publicKey)];
  for (const names of [['gate', 'ledger', ...tokens], keys]) {
    const repeated = names.find((name, at) => names.indexOf(name) !== at);
    if (repeated) throw new BusError('bad-config', `two users are called ${repeated}`);
  }
  return keys.length;
}
