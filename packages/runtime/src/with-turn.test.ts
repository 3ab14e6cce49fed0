import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { tryTurn } from './take-turn.js';
import { withTurn } from './with-turn.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-turn-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = join(dir, 'service.lock');

/** What it does, in order. */
const said: string[] = [];
afterEach(() => void said.splice(0));

function service(name: string, until: Promise<void> = Promise.resolve()) {
  const act = (word: string) => async () => void said.push(`${name} ${word}`);
  return withTurn({ file, logger: createLogger('test', name) }, async () => {
    await act('opens')();
    await until;
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

it('who is stopped while it opens keeps its turn until it has closed that again, and never starts', async () => {
  const { promise, resolve: opened } = withResolvers();
  const [first, second] = [service('first', promise), service('second')];
  const starts = first.start();
  await expect.poll(() => said).toEqual(['first opens']);
  await first.stop();
  expect(tryTurn(file)).toBeUndefined();
  const takesOver = second.start();
  expect(second.needs()).toEqual({ turn: false, nation: false });
  expect(said).toEqual(['first opens']);
  opened();
  await Promise.all([starts, takesOver]);
  expect(said).toEqual(['first opens', 'first stops', 'second opens', 'second starts']);
  await second.stop();
});

function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
