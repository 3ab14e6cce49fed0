import { describe, expect, it } from 'vitest';
import { LEDGER_SETTINGS, readLedgerConfig } from './config.js';

const paths = ['KEY_FILE', 'DATA_DIR', 'NKEY_FILE', 'ARCHIVE_DIR', 'AUDITOR_TOKEN_FILE'];
const GOOD: Record<string, string> = {
  ...{ NATION: 'DE', PROFILE: 'test', ORIGIN: 'entente.example/de/2026', MONITOR_URLS: 'none' },
  ...{ RETENTION_DAYS: '60', LOG_RETENTION_DAYS: '90', NATS_URL: 'nats://127.0.0.1:4222' },
  ...{ LOG_PORT: '0', OPERATION_PORT: '0' },
  ...Object.fromEntries(paths.map((name) => [name, `/somewhere/${name}`])),
};
const env = (change: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ ...GOOD, ...change }).map(([name, value]) => [`ENTENTE_${name}`, value]),
  );
const urls = (count: number) => Array.from({ length: count }, (_, i) => `http://m${i}.example`);

describe('the settings of a ledger', () => {
  it('are all read, and none has a default', () => {
    expect(readLedgerConfig(env())).toMatchObject({ NATION: 'DE', RETENTION_DAYS: 60, LOG_PORT: 0 });
    for (const name of Object.keys(LEDGER_SETTINGS)) {
      const { [`ENTENTE_${name}`]: _, ...rest } = env();
      expect(() => readLedgerConfig(rest), name).toThrow(name);
    }
  });

  it.each([
    ['none', []],
    ['http://127.0.0.1:9442,https://b.example/w', ['http://127.0.0.1:9442', 'https://b.example/w']],
    [urls(50).join(), urls(50)],
  ])('name monitors: %s', (value, places) => {
    expect(readLedgerConfig(env({ MONITOR_URLS: value })).MONITOR_URLS).toEqual(places);
  });

  it.each([
    '',
    'ftp://x',
    'http://a,,http://b',
    'http://a?x',
    'http://a,none',
    'http://a, http://b',
    urls(51).join(),
  ])('are refused when MONITOR_URLS is "%s"', (value) => {
    expect(() => readLedgerConfig(env({ MONITOR_URLS: value }))).toThrow('MONITOR_URLS');
  });
});
