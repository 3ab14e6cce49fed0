import { BusError } from './error.js';
import type { Grants } from './grants.js';
import { checkUserKey } from './names.js';

export interface Address {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
}

/** Paths of PEM files, for a server that listens. With `caFile`, who connects must show a certificate of it. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
}

/** Paths of PEM files, for who connects: whom to believe, and what to show. */
export interface ClientTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)$/;

/** Bounds for every server: dead peers are noticed within 15 s (in a cluster, with its ping_interval of 2s, within 6 s), slow ones are cut off. */
export const bounds = {
  ping_interval: '5s',
  ping_max: 2,
  write_deadline: '5s',
  max_payload: 1024 * 1024,
  max_pending: 64 * 1024 * 1024,
  max_control_line: 4096,
  max_subscriptions: 1000,
  max_sub_tokens: 16,
  // A subject or a payload never reaches the server's log.
  max_traced_msg_len: 1,
  lame_duck_duration: '30s',
  lame_duck_grace_period: '2s',
};

export const isLoopback = (host = '127.0.0.1'): boolean => LOOPBACK.test(host);

export function hostPort({ host = '127.0.0.1', port }: Address): string {
  if (!HOST.test(host)) throw new BusError('bad-config', `${JSON.stringify(host)} cannot be a host`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new BusError('bad-config', `${port} cannot be a port`);
  return `${host}:${port}`;
}

/** An address to listen on; anything but loopback needs TLS. */
export function listenOn(address: Address, tls: ServerTls | undefined): string {
  if (!tls && !isLoopback(address.host)) {
    throw new BusError('bad-config', `${address.host} is not loopback: it needs TLS`);
  }
  return hostPort(address);
}

export function serverTls(tls: ServerTls | undefined): Record<string, unknown> {
  if (!tls) return {};
  return { tls: { ...files(tls), ...(tls.caFile ? { verify: true } : {}), timeout: 5 } };
}

export const clientTls = (tls: ClientTls | undefined): Record<string, unknown> =>
  tls ? { tls: { ...files(tls), timeout: 5 } } : {};

const files = ({ certFile, keyFile, caFile }: ClientTls) => ({
  ...(certFile ? { cert_file: certFile } : {}),
  ...(keyFile ? { key_file: keyFile } : {}),
  ...(caFile ? { ca_file: caFile } : {}),
});

export const user = (publicKey: string, grants: Grants) => ({
  nkey: checkUserKey(publicKey),
  permissions: permissions(grants),
});

export function permissions({ publish, subscribe, respond }: Grants): Record<string, unknown> {
  return {
    publish: onlyThese(publish),
    subscribe: onlyThese(subscribe),
    ...(respond ? { allow_responses: { max: 1, expires: '30s' } } : {}),
  };
}

// An empty allow list means "everything" to some versions: nothing is said as a denial.
function onlyThese(subjects: readonly string[]): Record<string, readonly string[]> {
  return subjects.length > 0 ? { allow: subjects } : { deny: ['>'] };
}

/**
 * The configuration as JSON, which is a subset of the server's own language. Its strings know fewer escapes
 * than JSON's, so a value that needs one is refused rather than read differently.
 */
export function configText(config: Record<string, unknown>): string {
  const text = JSON.stringify(config, null, 2);
  if (text.includes('\\'))
    throw new BusError('bad-config', 'a value holds a quote, a backslash or a control character');
  return `${text}\n`;
}
