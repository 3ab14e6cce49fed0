import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type NationLeaf, type NationUsers, nationServerConfig } from '@entente/bus';
import { writeSecretFile } from '@entente/seal';
import { nth, paths } from './home.js';

export interface ServerPorts {
  readonly natsPort: number;
  /** Where the nation's other servers reach it. */
  readonly routePort: number;
  readonly statusPort: number;
}

/** Writes the configuration of a nation's one server, or of each server of its cluster. */
export async function makeServers(
  dir: string,
  nation: string,
  users: NationUsers,
  leaf: NationLeaf,
  servers: readonly ServerPorts[],
): Promise<void> {
  const password = randomBytes(32).toString('base64url');
  const isCluster = servers.length > 1;
  for (const [i, { natsPort, routePort, statusPort }] of servers.entries()) {
    const routes = servers.filter((_, other) => other !== i).map((other) => ({ port: other.routePort }));
    const cluster = { listen: { port: routePort }, routes, password };
    const config = nationServerConfig({
      nation,
      serverName: nth(`nation-${nation}`, i).replace('.', '-'),
      listen: { port: natsPort },
      storeDir: join(paths.nation(dir, nation), nth('nats', i)),
      users,
      interconnect: leaf,
      ...(isCluster ? { statusPort, cluster } : {}),
    });
    await writeSecretFile(paths.natsConfig(dir, nation, i), config);
  }
}
