import { BusError } from './error.js';
import { checkNation } from './names.js';
import { type Address, hostPort, isLoopback, listenOn, type ServerTls, serverTls } from './server-options.js';

/** What makes one server a part of its nation's cluster. All servers of it have the same accounts, users and limits. */
export interface NationCluster {
  /** Where the nation's other servers reach this one. */
  readonly listen: Address;
  /** Where this one reaches the others. */
  readonly routes: readonly Address[];
  /** 256 bits as base64url, the same on all servers, from a secret file. This configuration holds it: keep the file as secret. */
  readonly password: string;
  /** Off loopback needed, with `caFile`: each server shows a certificate to the others, and asks for theirs. */
  readonly tls?: ServerTls;
}

const PASSWORD = /^[A-Za-z0-9_-]{43,128}$/;

/**
 * INVARIANT: whoever may join as a route is the server: it can say anything in every account. So a route has a password that no
 * user of the server has, and off loopback a certificate as well.
 * @throws BusError `bad-config`
 */
export function clusterOf(nation: string, { listen, routes, password, tls }: NationCluster) {
  if (!PASSWORD.test(password))
    throw new BusError('bad-config', "the routes' password is not 256 bits as base64url");
  if (!tls && !routes.every(({ host }) => isLoopback(host)))
    throw new BusError('bad-config', 'a route that is not on loopback needs TLS');
  if (tls && tls.caFile === undefined)
    throw new BusError('bad-config', 'routes with TLS need a caFile: both sides show a certificate');
  const user = checkNation(nation);
  return {
    name: nation,
    listen: listenOn(listen, tls),
    authorization: { user, password, timeout: 2 },
    routes: routes.map((address) => `nats-route://${user}:${password}@${hostPort(address)}`),
    // Clients and servers know each other from their configurations; a server tells nobody where else to go.
    no_advertise: true,
    ...serverTls(tls),
  };
}
