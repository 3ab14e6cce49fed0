import { expect, test } from 'vitest';
import type { LogFault } from './read-log.js';
import { createAdoptions } from './take-adoptions.js';

test('what was decided before a directory was adopted, or under another one, is told', () => {
  const faults: LogFault[] = [];
  const places = {
    archive: [],
    findDirectory: Promise.resolve(async () => 'it is not there'),
    report: (...found: readonly LogFault[]) => void faults.push(...found),
  };
  const decided = { decidedAtMs: 1, directorySha256: Buffer.alloc(32, 1) };
  createAdoptions(places).check(3, decided);
  const directory = Buffer.alloc(32, 1).toString('hex');
  const adoptions = createAdoptions(places, { directory, waiting: [], pack: null });
  adoptions.check(4, decided);
  adoptions.check(5, { ...decided, directorySha256: Buffer.alloc(32, 2) });
  expect(faults.map(({ index, code }) => `${index} ${code}`)).toEqual([
    '3 directory-not-adopted',
    '5 directory-not-adopted',
  ]);
});
