import { describe, expect, it } from 'vitest';
import { GATE_SETTINGS, readGateConfig } from './config.js';

const paths = [
  'DIRECTORY_DIR',
  'ANCHORS_FILE',
  'PACKS_DIR',
  'ARCHIVE_DIR',
  'QUARANTINE_DIR',
  'KEY_FILE',
  'NKEY_FILE',
  'CROSS_NKEY_FILE',
];
const GOOD: Record<string, string> = {
  ...{ NATION: 'NL', PROFILE: 'test', NATS_URL: 'nats://127.0.0.1:4222', REPLICAS: '1', OPERATION_PORT: '0' },
  MEMBER_RATE: '100',
  QUARANTINE_DAYS: '30',
  ...Object.fromEntries(paths.map((name) => [name, `/somewhere/${name}`])),
};
const env = (change: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ ...GOOD, ...change }).map(([name, value]) => [`ENTENTE_${name}`, value]),
  );

describe('the settings of a gate', () => {
  it('are all read, and none has a default', () => {
    expect(readGateConfig(env())).toMatchObject({ NATION: 'NL', PROFILE: 'test', OPERATION_PORT: 0 });
    for (const name of Object.keys(GATE_SETTINGS)) {
      const { [`ENTENTE_${name}`]: _, ...rest } = env();
      expect(() => readGateConfig(rest), name).toThrow(name);
    }
  });

  it.each([
    ['NATION', 'nl'],
    ['NATION', 'NLD'],
    ['NATION', 'xNL'],
    ['PROFILE', 'production'],
    ['NATS_URL', 'http://127.0.0.1'],
    ['REPLICAS', '2'],
    ['MEMBER_RATE', '0'],
    ['QUARANTINE_DAYS', '0'],
    ['OPERATION_PORT', 'none'],
  ])('are refused when %s is "%s"', (name, value) => {
    expect(() => readGateConfig(env({ [name]: value }))).toThrow(name);
  });
});
