import { BusError } from './error.js';
import { isLoopback } from './server-options.js';

/**
 * For each line of nats-server that is still mended: the first release without an advisory that touches accounts, leaf nodes or
 * JetStream's permissions (nats.io security notes up to 2026-18, GHSA-9983-vrx2-fg9c, CVE-2026-33246 and CVE-2026-33248).
 * Older lines have known ones that are not mended there (GHSA-fhg8-qxh5-7q3w among them); newer ones have none that we know.
 */
const MENDED: Readonly<Record<string, number>> = { '2.11': 16, '2.12': 7 };

/**
 * What carries live messages has to be a server without known advisories.
 * @throws BusError `server-refused` that says which release will do
 */
export function checkLiveServer(version: string): void {
  const [, major = '', minor = '', patch = ''] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const [line, number] = [`${major}.${minor}`, Number(major) * 1000 + Number(minor)];
  const first = MENDED[line];
  if (first === undefined ? number > NEWEST : major !== '' && Number(patch) >= first) return;
  const wanted = Object.entries(MENDED).map(([known, least]) => `${known}.${least}`);
  throw new BusError(
    'server-refused',
    `nats-server ${version.slice(0, 20)} has known advisories; live messages need ${wanted.join(' or ')} or newer`,
  );
}

const NEWEST = Math.max(
  ...Object.keys(MENDED).map((line) => Number(line.split('.')[0]) * 1000 + Number(line.split('.')[1])),
);

/**
 * Whether what is said to these servers has to be encrypted. What the URL says is enforced here: to nats.js `tls://` is a name like
 * any other, and whoever stands between could take the TLS away by offering none.
 * @throws BusError `bad-config` for a mixture, and for live messages that would leave the machine in clear
 */
export function needsTls(servers: readonly string[], isLive: boolean): boolean {
  const secure = servers.filter((server) => server.startsWith('tls://'));
  if (secure.length > 0 && secure.length < servers.length)
    throw new BusError('bad-config', 'name all servers with tls:// or all with nats://');
  const clear = servers.filter((server) => !server.startsWith('tls://'));
  const away = clear.find((server) => !isLoopback(hostOf(server)));
  if (isLive && away !== undefined)
    throw new BusError('bad-config', `${away} is not on loopback: live messages need tls://`);
  return secure.length > 0;
}

function hostOf(server: string): string {
  return server.replace(/^[a-z]+:\/\//, '').replace(/:\d+$/, '');
}
