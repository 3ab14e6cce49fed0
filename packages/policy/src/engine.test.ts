import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('is the only way to the engine: whoever goes past it goes past what keeps the process alive', () => {
  const folder = new URL('.', import.meta.url);
  const direct = readdirSync(folder).filter(
    (name) =>
      /(?<!\.test)\.ts$/.test(name) &&
      /from '@cedar-policy/.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  expect(direct).toEqual(['engine.ts']);
});
