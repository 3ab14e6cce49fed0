import { describe, expect, test } from 'vitest';
import { collectFaults, MAX_FAULTS } from './log-fault.js';
import { emptyRoot, leafHash } from './merkle.js';
import { addSuspect, judgeSuspects, type Suspect } from './tile-claims.js';

const [a, b] = [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))];
const name = { level: 0, index: 0, width: 1 };
const suspect: Suspect = { name, path: 'tile/0/000.p/1', entries: undefined, tiles: 0 };

describe('judgeSuspects', () => {
  test.each([
    ['the entries give the signed root', a, ['tile-mismatch tile/0/000.p/1']],
    ['the tiles give the signed root', b, ['entry-mismatch tile/entries/000.p/1']],
    [
      'neither gives the signed root',
      emptyRoot(),
      ['root-mismatch checkpoint', 'tile-mismatch tile/0/000.p/1', 'entry-mismatch tile/entries/000.p/1'],
    ],
  ])('names the right file if %s', (_, signedRoot, expected) => {
    const { faults, report } = collectFaults();
    const claims = { entries: [a], tiles: [b] };
    const suspects: Suspect[] = [];
    addSuspect(suspects, name, { path: 'tile/0/000.p/1', hashes: [b], entries: [] }, claims);
    addSuspect(
      suspects,
      { ...name, level: 'entries' },
      { path: 'tile/entries/000.p/1', hashes: [a], entries: [] },
      claims,
    );
    judgeSuspects(suspects, [claims], signedRoot, report);
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
  });

  test('says that suspects were left out, also if all that were kept are innocent', () => {
    const { faults, report } = collectFaults();
    const suspects = Array<Suspect>(MAX_FAULTS + 1).fill(suspect);
    const before = suspects.length;
    addSuspect(
      suspects,
      name,
      { path: suspect.path, hashes: [b], entries: [] },
      { entries: [a], tiles: [a] },
    );
    expect(suspects).toHaveLength(before);
    judgeSuspects(suspects, [], emptyRoot(), report);
    expect(faults).toMatchObject([{ code: 'too-many-faults' }]);
  });
});
