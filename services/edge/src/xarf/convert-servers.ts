import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import { readPlace } from './read-address.js';
import { readWhole } from './read-number.js';
import { readWord, sameWords } from './read-word.js';

type JsonObject = Record<string, unknown>;

const MOST_SERVERS = 50;

/** Who commands the malware. XARF and its samples name the command servers in three ways. */
export function convertServers(fields: Fields): JsonObject[] {
  const single = fields.take('c2_server', readPlace);
  const protocol = fields.take('c2_protocol', readWord(PROTOCOLS));
  const detailed = fields.groups('c2_servers', MOST_SERVERS).map((server) => ({
    ...server.take('address', readPlace),
    ...filled({ port: server.take('port', readWhole(1, 65_535)) }),
    ...filled({ protocol: server.take('protocol', readWord(PROTOCOLS)) }),
  }));
  const listed = fields.list('c2_communications', MOST_SERVERS, readPlace);
  return [single && { ...single, ...filled({ protocol }) }, ...detailed, ...listed]
    .filter((server) => server !== undefined && ('ip' in server || 'domain' in server || 'url' in server))
    .slice(0, MOST_SERVERS) as JsonObject[];
}

export const PROTOCOLS = {
  ...sameWords('tcp', 'udp', 'http', 'https', 'dns', 'irc', 'smtp', 'p2p', 'other'),
  custom: 'other',
} as const;
