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

test('says of an event of the bus what its error was caused by, by name, code and words, and quotes nothing', () => {
  const script = `
    import { createLogger } from ${JSON.stringify(INDEX)};
    let cause;
    try { JSON.parse('{"victim": hunter2}'); } catch (error) { cause = error; }
    const refused = Object.assign(new Error('no such log', { cause }), { code: 'log-not-valid', entry: 'hunter2' });
    const error = Object.assign(new Error('the handler failed', { cause: refused }), { code: 'handler-failed' });
    const logger = createLogger('gate', 'DE');
    logger.info({ event: { type: 'trouble', what: 'OUT/gate', error } }, 'bus');
    logger.info({ event: { type: 'connected', server: 'a' } }, 'bus');`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(out).not.toContain('hunter2');
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event),
  ).toEqual([
    {
      ...{ type: 'trouble', what: 'OUT/gate' },
      error: {
        ...{ name: 'Error', code: 'handler-failed', message: 'the handler failed' },
        cause: {
          ...{ name: 'Error', code: 'log-not-valid', message: 'no such log' },
          cause: { name: 'SyntaxError' },
        },
      },
    },
    { type: 'connected', server: 'a' },
  ]);
});
