import { BusError } from './error.js';
import { leafGrants } from './grants.js';
import { checkNation, checkStreamName } from './names.js';
import {
  type Address,
  bounds,
  configText,
  hostPort,
  listenOn,
  permissions,
  type ServerTls,
  serverTls,
} from './server-options.js';

export interface Interconnect {
  readonly serverName: string;
  /** On loopback: the server cannot be told not to listen for clients, and no client has an account there. */
  readonly clientPort: number;
  /** Where the nations' servers join. */
  readonly leaves: Address;
  readonly statusPort?: number;
  readonly tls?: ServerTls;
  readonly nations: readonly { readonly nation: string; readonly password: string }[];
}

const PASSWORD = /^[A-Za-z0-9_-]{43,128}$/;

/**
 * The configuration of a plain server that nations join as leaf nodes: no storage, no clients, and each nation may
 * send in its own name only, and ask for what is addressed to it only.
 * Removing a nation takes a restart: a reload does not cut a leaf that is connected.
 * @throws BusError `bad-config`
 */
export function interconnectConfig(server: Interconnect): string {
  const names = server.nations.map(({ nation }) => nation);
  if (new Set(names).size < names.length) throw new BusError('bad-config', 'a nation is listed twice');
  return configText({
    server_name: checkStreamName(server.serverName),
    listen: hostPort({ port: server.clientPort }),
    ...(server.statusPort ? { http: hostPort({ port: server.statusPort }) } : {}),
    ...bounds,
    max_connections: 2 * names.length + 16,
    // Leaf users can have permissions only here; `leafnodes.authorization` has none on 2.9.
    authorization: { timeout: 2, users: server.nations.map(leafUser) },
    leafnodes: { listen: listenOn(server.leaves, server.tls), no_advertise: true, ...serverTls(server.tls) },
  });
}

function leafUser({ nation, password }: { readonly nation: string; readonly password: string }) {
  if (!PASSWORD.test(password))
    throw new BusError('bad-config', `${nation}'s password is not 256 bits as base64url`);
  return {
    user: checkNation(nation),
    password,
    allowed_connection_types: ['LEAFNODE'],
    permissions: permissions(leafGrants(nation)),
  };
}
