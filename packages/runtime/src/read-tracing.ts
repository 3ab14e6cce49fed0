import { ConfigError } from './error.js';

export interface TracingSettings {
  /** Of the collector, without `/v1/traces`. */
  readonly endpoint: string;
  /** The share of messages that are traced, 0 to 1. */
  readonly ratio: number;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The names are OpenTelemetry's own. Without an address nothing is traced.
 * @throws ConfigError with every problem at once
 */
export function readTracing(env: NodeJS.ProcessEnv): TracingSettings | undefined {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '',
    OTEL_TRACES_SAMPLER: sampler = SAMPLER,
    OTEL_TRACES_SAMPLER_ARG: share = '1',
  } = env;
  if (endpoint === '') return undefined;
  const problems = [
    isCollector(endpoint)
      ? []
      : [
          'OTEL_EXPORTER_OTLP_ENDPOINT must be https://, or http:// on loopback, without user, query or fragment',
        ],
    sampler === SAMPLER ? [] : [`OTEL_TRACES_SAMPLER must be ${SAMPLER}, as it is without it`],
    /^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(share)
      ? []
      : ['OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
  ].flat();
  if (problems.length > 0) throw new ConfigError(problems);
  return { endpoint: endpoint.replace(/\/$/, ''), ratio: Number(share) };
}

const SAMPLER = 'parentbased_traceidratio';

function isCollector(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return isSafe && [username, password, search, hash].every((part) => part === '');
}
