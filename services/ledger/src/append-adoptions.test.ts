import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  adoptDirectory,
  adoptions,
  adoptPack,
  hash,
  openTestLog,
  type TestLog,
  tempDir,
  testSigner,
} from './fixture/test-log.js';

const signer = await testSigner();
let temp: ReturnType<typeof tempDir>;
let ledger: TestLog;
beforeEach(() => {
  temp = tempDir();
  ledger = openTestLog(temp.dir, signer);
});
afterEach(() => {
  ledger.close();
  temp.remove();
});
const restart = () => {
  ledger.close();
  ledger = openTestLog(temp.dir, signer, ledger.clock);
};

describe('an adoption', () => {
  test('of what is adopted already changes nothing', async () => {
    expect(await ledger.outcomes(...adoptions, ...adoptions)).toEqual([0, 1, 0, 1]);
    restart();
    expect(await ledger.outcomes(...adoptions)).toEqual([0, 1]);
    expect(ledger.store.head().size).toBe(2);
  });

  test('of a pack, another and the first again as a newer version makes three entries', async () => {
    const [a, b] = [hash('a'), hash('b')];
    expect(await ledger.outcomes(adoptPack(a, 1), adoptPack(b, 2), adoptPack(a, 3))).toEqual([0, 1, 2]);
    expect(await ledger.outcomes(adoptPack(a, 3))).toEqual([2]);
    restart();
    expect(await ledger.outcomes(adoptPack(b, 5), adoptPack(b, 6))).toEqual([3, 3]);
  });

  test('of a pack never goes back, and one version is one pack', async () => {
    const [a, b] = [hash('a'), hash('b')];
    expect(await ledger.outcomes(adoptPack(a, 2), adoptPack(b, 1), adoptPack(b, 2))).toEqual([
      0,
      'version-goes-back',
      'version-goes-back',
    ]);
    restart();
    expect(await ledger.outcomes(adoptPack(b, 2), adoptPack(b, 3))).toEqual(['version-goes-back', 1]);
  });

  test('of a directory never takes a part back', async () => {
    const directory = (name: string, versions: Record<string, number>) =>
      adoptDirectory(hash(name), versions);
    expect(await ledger.outcomes(directory('a', { DE: 5, FR: 1 }))).toEqual([0]);
    expect(await ledger.outcomes(directory('b', { DE: 4, FR: 2 }))).toEqual(['version-goes-back']);
    restart();
    expect(await ledger.outcomes(directory('b', { DE: 4, FR: 2 }))).toEqual(['version-goes-back']);
    expect(await ledger.outcomes(directory('c', { DE: 5, FR: 2 }))).toEqual([1]);
    // A part that was left out for a while is not forgotten.
    expect(await ledger.outcomes(directory('d', { FR: 2 }))).toEqual([2]);
    expect(await ledger.outcomes(directory('e', { DE: 4, FR: 2 }))).toEqual(['version-goes-back']);
  });

  test('of a directory never takes a part back within one batch', async () => {
    expect(
      await ledger.outcomes(
        adoptDirectory(hash('a'), { DE: 5 }),
        adoptDirectory(hash('b'), { FR: 1 }),
        adoptDirectory(hash('c'), { DE: 4 }),
      ),
    ).toEqual([0, 1, 'version-goes-back']);
  });
});
