import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { withTurn } from './with-turn.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-turn-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What it does, in order. */
const said: string[] = [];

function service(name: string) {
  const act = (word: string) => async () => void said.push(`${name} ${word}`);
  const about = {
    file: join(dir, 'service.lock'),
    logger: createLogger('test', name),
    beforeOpen: ['nation'],
  };
  return withTurn(about, async () => {
    await act('opens')();
    return { needs: () => ({ nation: true }), start: act('starts'), stop: act('stops') };
  });
}

it('opens nothing before its turn, which comes when the one before it has stopped', async () => {
  const [first, second] = [service('first'), service('second')];
  expect(first.needs()).toEqual({ turn: false, nation: false });
  await first.start();
  expect(first.needs()).toEqual({ nation: true });
  const takesOver = second.start();
  expect(second.needs()).toEqual({ turn: false, nation: false });
  expect(said).toEqual(['first opens', 'first starts']);
  await first.stop();
  await takesOver;
  expect(said).toEqual(['first opens', 'first starts', 'first stops', 'second opens', 'second starts']);
  expect(second.needs()).toEqual({ nation: true });
  await second.stop();
});
