import { describe, expect, it } from 'vitest';
import { ConfigError } from './error.js';
import { readTracing } from './read-tracing.js';

const read = (endpoint: string, more: Record<string, string> = {}) =>
  readTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more });

describe('where traces are sent', () => {
  it('is nowhere unless it is said, whatever else is', () => {
    expect(readTracing({})).toBeUndefined();
    expect(read('', { OTEL_TRACES_SAMPLER_ARG: 'nonsense' })).toBeUndefined();
  });

  it('is read with the share that is traced: all, or so many', () => {
    expect(read('https://otel.agency.example/')).toEqual({
      endpoint: 'https://otel.agency.example',
      ratio: 1,
    });
    expect(read('http://127.0.0.1:4318', { OTEL_TRACES_SAMPLER_ARG: '0.05' })?.ratio).toBe(0.05);
  });

  it.each([
    'http://otel.agency.example:4318',
    'http://127.0.0.1.agency.example',
    'https://name:password@otel.agency.example',
    'https://otel.agency.example/?token=secret',
    'ftp://127.0.0.1',
    'nonsense',
  ])('is refused: %s', (endpoint) => {
    expect(() => read(endpoint)).toThrow(ConfigError);
  });

  it('names everything that is wrong at once', () => {
    try {
      read('nonsense', { OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '2' });
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).problems).toHaveLength(3);
    }
  });
});
