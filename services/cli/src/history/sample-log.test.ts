import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageHash } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../usage.js';
import { type Made, ORIGIN, sealOf, TestLog, vkeyOf } from './fixture/test-log.js';
import { readLog } from './read-log.js';
import { sampleLog } from './sample-log.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-sample-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const many = (count: number): Made[] =>
  Array.from({ length: count }, (_, i) => ({ says: { seal: sealOf({ id: `${i}`, from: 'hotline.de' }) } }));
const source = () => ({ nation: 'DE', dir, vkey: vkeyOf(ORIGIN), archive: [], anchors: null });

describe('a sample', () => {
  test.each([300, 512])('of %d entries is drawn again when the log has grown', async (first) => {
    const log = new TestLog(dir);
    await log.grow(...many(first));
    const drawn = await sampleLog(source(), { size: 5 });
    const { root } = await readLog(source(), () => undefined);
    expect(drawn).toMatchObject({ origin: ORIGIN, first, root, withoutRecord: 0, faults: [] });
    await log.grow(...many(700));
    const { seed } = drawn;
    expect((await sampleLog(source(), { size: 5, seed })).strata).not.toEqual(drawn.strata);
    expect(await sampleLog(source(), { size: 5, seed, first })).toEqual(drawn);
    await expect(sampleLog(source(), { size: 5, first: 2000 })).rejects.toThrow(UsageError);
  });

  test('is by chance, unless a seed is named', async () => {
    await new TestLog(dir).grow(...many(1000));
    const [one, other] = [await sampleLog(source(), { size: 5 }), await sampleLog(source(), { size: 5 })];
    expect(one.seed).not.toBe(other.seed);
    expect(one.strata).not.toEqual(other.strata);
  });

  test('names what it drew by all that its edge is asked for', async () => {
    const made = Array.from({ length: 3 }, (_, i): Made => {
      const seal = sealOf({ id: `${i}`, caseId: 'c'.repeat(32), from: 'hotline.de', to: 'isp.nl' });
      return { says: { seal, messageHash: messageHash(seal) } };
    });
    await new TestLog(dir).grow(...made);
    const { strata } = await sampleLog(source(), { size: 3 });
    expect(strata[0]?.drawn).toEqual(
      made.map(({ says }, index) => ({
        ...{ index, id: `${index}`, caseId: 'c'.repeat(32), from: 'hotline.de', to: 'isp.nl' },
        messageHash: Buffer.from(says?.messageHash ?? []).toString('hex'),
      })),
    );
  });

  test('has no more kinds than there are words, whatever a log calls things', async () => {
    const odd = Array.from({ length: 50 }, (_, i): Made => {
      const seal = sealOf({ id: `${i}`, facts: { category: `category ${i}` } });
      return { event: `event ${i}`, says: { seal, verdict: { decision: `decision ${i}` } } };
    });
    await new TestLog(dir).grow(...odd);
    const { strata } = await sampleLog(source(), { size: 1 });
    expect(strata).toMatchObject([{ event: 'other', category: 'other', decision: 'other', of: 50 }]);
  });

  test('says how many had no record to be drawn by, as one that was drawn before more were erased is another', async () => {
    const log = new TestLog(dir);
    await log.grow(...many(10));
    log.gone.add(1).add(2);
    await log.grow({ erases: [1, 2] });
    expect(await sampleLog(source(), { size: 5, first: 10 })).toMatchObject({ withoutRecord: 2, faults: [] });
  });
});
