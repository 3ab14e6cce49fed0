import { beforeEach, describe, expect, test } from 'vitest';
import { formatAddCheckpoint, MAX_REQUEST_BYTES } from './add-checkpoint.js';
import { answerAsWitness, type Cosigned, type Witness } from './answer-as-witness.js';
import { signCheckpoint } from './checkpoint.js';
import { readCosignatures } from './cosignature.js';
import { codeOfPromise } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { testCosigner } from './fixture/test-cosigner.js';
import { testSigner } from './fixture/test-signer.js';
import { parseNote } from './note.js';
import { consistencyProof } from './prove.js';

const ORIGIN = 'log.example/de/2026';
const log = testSigner(ORIGIN);
const cosigner = testCosigner('witness.example/w1');
const entries = numberedEntries(20);
const others = entries.with(2, Buffer.from('another history'));

let held: Map<string, Cosigned>;
let unproved: [number, number][];
let witness: Witness;
beforeEach(() => {
  held = new Map();
  unproved = [];
  witness = {
    findLog: (origin) => (origin === ORIGIN ? log.key : undefined),
    memory: {
      last: (origin) => held.get(origin),
      advance: (oldSize, next) => {
        if ((held.get(next.origin)?.size ?? 0) !== oldSize) return false;
        held.set(next.origin, next);
        return true;
      },
    },
    cosigner,
    now: () => 1_700_000_000_000,
    onUnproved: (cosigned, sent) => unproved.push([cosigned.size, sent.size]),
  };
});

interface Asked {
  readonly old?: number;
  readonly size: number;
  readonly of?: readonly Buffer[];
  readonly signer?: typeof log;
  readonly origin?: string;
}

async function request({
  old = 0,
  size,
  of = entries,
  signer = log,
  origin = ORIGIN,
}: Asked): Promise<string> {
  const tree = memoryTree(of.slice(0, size));
  const proof = old > 0 && old <= size ? consistencyProof(old, size, tree.readNode) : [];
  return formatAddCheckpoint({
    oldSize: old,
    proof,
    note: await signCheckpoint({ origin, size, root: tree.root }, [signer]),
  });
}

const ask = async (asked: Asked) => await answerAsWitness(witness, await request(asked));

describe('a witness', () => {
  test('cosigns the first checkpoint, what continues it, and the same one again', async () => {
    for (const asked of [{ size: 3 }, { old: 3, size: 9 }, { old: 9, size: 9 }, { old: 9, size: 20 }]) {
      const { status, body } = await ask(asked);
      expect([asked, status]).toEqual([asked, 200]);
      const { text } = parseNote((await request(asked)).split('\n\n').slice(1).join('\n\n'));
      expect(readCosignatures(`${text}\n${body}`, [cosigner.key])).toEqual([
        { witness: cosigner.key, timeMs: 1_700_000_000_000 },
      ]);
      expect(held.get(ORIGIN)?.size).toBe(asked.size);
    }
    expect(unproved).toEqual([]);
  });

  test.each<[string, Asked, number, string]>([
    [
      'a log that is not witnessed',
      { size: 3, origin: 'log.example/fr/2026', signer: testSigner('log.example/fr/2026') },
      404,
      '',
    ],
    ['a signature of another key', { size: 3, signer: testSigner(ORIGIN) }, 403, ''],
    ['an old size above the new one', { old: 9, size: 3 }, 400, ''],
    ['an old size that it has not cosigned', { old: 4, size: 9 }, 409, '5\n'],
    ['an old size of zero', { size: 9 }, 409, '5\n'],
    ['a smaller tree', { old: 2, size: 3 }, 409, '5\n'],
    ['another tree of the same size', { old: 5, size: 5, of: others }, 409, '5\n'],
    ['another history', { old: 5, size: 9, of: others }, 422, ''],
  ])('refuses %s, and remembers what it had', async (_, asked, status, body) => {
    await ask({ size: 5 });
    const before = held.get(ORIGIN);
    const answer = await ask(asked);
    expect(answer.status).toBe(status);
    if (body) expect([answer.body, answer.type]).toEqual([body, 'text/x.tlog.size']);
    expect(answer.body).not.toContain('—');
    expect(held.get(ORIGIN)).toBe(before);
    expect(unproved).toEqual(asked.of === others ? [[5, asked.size]] : []);
  });

  test.each<[string, string | Uint8Array, number]>([
    ['nothing', '', 400],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['a request without a checkpoint', 'old 0\n\nhello\n', 400],
    ['more than the limit', Buffer.alloc(MAX_REQUEST_BYTES + 1, 65), 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await answerAsWitness(witness, body)).status).toBe(status);
  });

  test('refuses a checkpoint with a wrong proof, though it is a true one', async () => {
    await ask({ size: 5 });
    const good = await request({ old: 5, size: 9 });
    const bad = good.replace(/^old 5\n(.)/, (_, first: string) => `old 5\n${first === 'A' ? 'B' : 'A'}`);
    expect((await answerAsWitness(witness, bad)).status).toBe(422);
    expect((await answerAsWitness(witness, good)).status).toBe(200);
  });

  test('cosigns one of two that come at once: the other one learns the size', async () => {
    await ask({ size: 5 });
    const [right, wrong] = [await request({ old: 5, size: 9 }), await request({ old: 5, size: 12 })];
    const answers = await Promise.all([right, wrong].map((body) => answerAsWitness(witness, body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    expect(answers[1]?.body).toBe('9\n');
  });

  test('believes its memory, where another process has written there between', async () => {
    await ask({ size: 5 });
    const { advance } = witness.memory;
    const body = await request({ old: 5, size: 9 });
    const raced = { ...witness.memory, advance: () => false };
    expect((await answerAsWitness({ ...witness, memory: raced }, body)).status).toBe(409);
    expect(advance(5, { origin: ORIGIN, size: 9, root: Buffer.alloc(32), note: '' })).toBe(true);
  });

  test('that cannot sign has the checkpoint on record before, and cosigns it when it can', async () => {
    const broken = { key: cosigner.key, sign: () => Promise.reject(new Error('no key')) };
    await ask({ size: 5 });
    const failed = answerAsWitness({ ...witness, cosigner: broken }, await request({ old: 5, size: 9 }));
    await expect(failed).rejects.toThrow('no key');
    expect(held.get(ORIGIN)?.size).toBe(9);
    expect(await ask({ old: 5, size: 9 })).toMatchObject({ status: 409, body: '9\n' });
    expect(await ask({ old: 9, size: 9, of: others })).toMatchObject({ status: 409 });
    expect(await ask({ old: 9, size: 9 })).toMatchObject({ status: 200 });
  });

  test('whose memory fails answers nothing', async () => {
    const full = {
      ...witness.memory,
      advance: () => {
        throw new Error('the disk is full');
      },
    };
    const body = await request({ size: 5 });
    await expect(answerAsWitness({ ...witness, memory: full }, body)).rejects.toThrow('the disk is full');
    expect(await codeOfPromise(answerAsWitness(witness, body).then(() => undefined))).toBeUndefined();
  });
});
