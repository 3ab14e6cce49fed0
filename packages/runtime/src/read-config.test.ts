import { describe, expect, test } from 'vitest';
import { ConfigError } from './error.js';
import { readConfig, type Setting, setting } from './read-config.js';

const SETTINGS = {
  NATION: setting.text(/^[A-Z]{2}$/, 'two capitals'),
  MODE: setting.oneOf(['test', 'live']),
  KEY_FILE: setting.path,
  PORT: setting.port,
  NATS_URL: setting.natsUrl,
};
const GOOD = {
  ENTENTE_NATION: 'DE',
  ENTENTE_MODE: 'live',
  ENTENTE_KEY_FILE: '/run/key',
  ENTENTE_PORT: '0',
  ENTENTE_NATS_URL: 'nats://127.0.0.1:4222',
};

/** The names that have a problem, sorted. */
function problemsOf(env: NodeJS.ProcessEnv, settings: Record<string, Setting<unknown>> = SETTINGS): string[] {
  try {
    readConfig(env, settings);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problem.split(' ')[0] ?? '').sort();
  }
}

describe('readConfig', () => {
  test('gives checked values under short names, frozen', () => {
    const config = readConfig({ ...GOOD, PATH: '/bin', ENTENT: 'x' }, SETTINGS);
    expect(config).toEqual({
      NATION: 'DE',
      MODE: 'live',
      KEY_FILE: '/run/key',
      PORT: 0,
      NATS_URL: 'nats://127.0.0.1:4222',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('reports every problem at once, each in a line of its own', () => {
    const env = { ENTENTE_NATION: 'Germany', ENTENTE_MODE: '', ENTENTE_KEY_FILE: 'key', ENTENTE_TYPO: '1' };
    expect(problemsOf(env)).toEqual([
      'ENTENTE_KEY_FILE',
      'ENTENTE_MODE',
      'ENTENTE_NATION',
      'ENTENTE_NATS_URL',
      'ENTENTE_PORT',
      'ENTENTE_TYPO',
    ]);
    try {
      readConfig(env, SETTINGS);
    } catch (error) {
      expect((error as Error).message.split('\n')).toHaveLength(7);
    }
  });

  test.each([
    'ENTENTE_NATIONS',
    'ENTENTE_',
    'ENTENTE_nation',
    'ENTENTE_constructor',
    'ENTENTE_toString',
    'ENTENTE___proto__',
  ])('refuses the unknown name %s', (name) => {
    expect(problemsOf({ ...GOOD, [name]: 'x' })).toEqual([name]);
  });

  test.each(Object.keys(GOOD))('has no default for %s', (name) => {
    expect(problemsOf({ ...GOOD, [name]: undefined })).toEqual([name]);
    expect(problemsOf({ ...GOOD, [name]: '' })).toEqual([name]);
  });

  test('does not print a value that it refuses: it may be a secret in the wrong place', () => {
    const secret = 'hunter2';
    const env = Object.fromEntries(Object.keys(GOOD).map((name) => [name, `nats://user:${secret}@host`]));
    try {
      readConfig(env, SETTINGS);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain(secret);
    }
  });
});

describe('setting', () => {
  const takes = (read: Setting<unknown>, text: string) =>
    problemsOf({ ENTENTE_X: text }, { X: read }).length === 0;

  test.each(['key', './key', '../key', '~/key', 'C:key'])('path refuses %j', (text) => {
    expect(takes(setting.path, text)).toBe(false);
  });

  test.each([
    'nats://user:password@127.0.0.1:4222',
    'nats://token@127.0.0.1:4222',
    'tls://user:password@nats.example',
    'http://127.0.0.1:4222',
    'ws://127.0.0.1:4222',
    '127.0.0.1:4222',
    'nats://',
    'nats://host/path',
    'nats://host?user=a',
    'nats://host\n',
    ' nats://host',
    'nats://a:1,',
    'nats://a:1, nats://b:1',
    'nats://a:1,nats://user:password@b:1',
    Array.from({ length: 9 }, (_, i) => `nats://a:${i}`).join(','),
  ])('natsUrl refuses %j', (text) => {
    expect(takes(setting.natsUrl, text)).toBe(false);
  });

  test.each([
    'nats://127.0.0.1:4222',
    'tls://nats.example:4222',
    'nats://[::1]:4222',
    'tls://a.example:4222,tls://b.example:4222,tls://c.example:4222',
  ])('natsUrl takes %j', (text) => {
    expect(takes(setting.natsUrl, text)).toBe(true);
  });

  test('port takes 0 to 65535, in digits', () => {
    for (const text of ['0', '80', '65535']) expect(takes(setting.port, text), text).toBe(true);
    for (const text of ['65536', '-1', '1.5', '0x50', '1e3', ' 80', '99999999', 'http', '٤'])
      expect(takes(setting.port, text), text).toBe(false);
  });

  test('oneOf takes its words only', () => {
    expect(takes(setting.oneOf(['test', 'live']), 'test')).toBe(true);
    for (const text of ['Test', 'test ', 'tes', 'constructor'])
      expect(takes(setting.oneOf(['test', 'live']), text), text).toBe(false);
  });
});
