import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const INDEX = new URL('../dist/index.js', import.meta.url).href;

test('writes JSON lines that say who and when, and cuts out what must not be logged', () => {
  const script = `
    import { createLogger } from ${JSON.stringify(INDEX)};
    const secret = 'hunter2';
    createLogger('gate', 'DE').info(
      { id: 'a', content: secret, seed: secret, token: secret, authorization: secret,
        message: 'b', deep: { content: secret, seed: secret, token: secret, authorization: secret, code: 'c' } },
      'hello');`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(out).not.toContain('hunter2');
  const line = JSON.parse(out);
  expect(line).toMatchObject({
    service: 'gate',
    owner: 'DE',
    id: 'a',
    deep: { code: 'c' },
    message: 'hello',
  });
  expect(Number.isNaN(Date.parse(line.time))).toBe(false);
});
