import { describe, expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.js';
import { codeOf } from './fixture/code-of.js';
import { memoryTree, numberedEntries } from './fixture/memory-tree.js';
import { testSigner } from './fixture/test-signer.js';
import { leafHash } from './merkle.js';
import { formatProof, parseProof, verifyProof } from './proof.js';
import { inclusionProof } from './prove.js';
import { treeRoot } from './tree.js';

const ORIGIN = 'log.example/de/2026';
const entries = numberedEntries(70);
const { readNode } = memoryTree(entries);
const signer = testSigner(ORIGIN);
const [INDEX, SIZE] = [37, 61];
const root = treeRoot(SIZE, readNode);
const checkpoint = await signCheckpoint({ origin: ORIGIN, size: SIZE, root }, [signer]);
const hashes = inclusionProof(INDEX, SIZE, readNode);
const proof = formatProof({ index: INDEX, hashes, checkpoint });
const entry = entries[INDEX] ?? Buffer.alloc(0);
const hashLines = hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
const STRANGER = leafHash(Buffer.from('stranger'));

const verify = (text: string | Uint8Array, leaf = entry, origin = ORIGIN) =>
  verifyProof(text, leaf, signer.key, origin);

describe('verifyProof', () => {
  test('says where the entry stands, and in which tree', () => {
    expect(verify(proof)).toEqual({ index: INDEX, size: SIZE, root });
    expect(verify(Buffer.from(proof))).toEqual({ index: INDEX, size: SIZE, root });
  });

  test('verifies every entry of every tree up to 70', async () => {
    for (let size = 1; size <= entries.length; size++) {
      const note = await signCheckpoint({ origin: ORIGIN, size, root: treeRoot(size, readNode) }, [signer]);
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        const text = formatProof({ index, hashes: inclusionProof(index, size, readNode), checkpoint: note });
        expect(verify(text, entries[index])).toMatchObject({ index, size });
      }
    }
  });

  test('needs no hashes for the only entry of a log', async () => {
    const only = leafHash(entry);
    const note = await signCheckpoint({ origin: ORIGIN, size: 1, root: only }, [signer]);
    const text = `c2sp.org/tlog-proof@v1\nindex 0\n\n${note}`;
    expect(formatProof({ index: 0, hashes: [], checkpoint: note })).toBe(text);
    expect(verify(text)).toEqual({ index: 0, size: 1, root: only });
  });

  test('refuses another entry, and the hash of the entry for the entry', () => {
    expect(codeOf(() => verify(proof, Buffer.from('another')))).toBe('inclusion-invalid');
    expect(codeOf(() => verify(proof, leafHash(entry)))).toBe('inclusion-invalid');
    expect(codeOf(() => verify(proof, Buffer.concat([entry, Buffer.of(0)])))).toBe('inclusion-invalid');
  });

  test('refuses another log’s proof', () => {
    expect(codeOf(() => verify(proof, entry, 'log.example/fr/2026'))).toBe('checkpoint-wrong-origin');
  });

  test('refuses a proof under another key of the same name', () => {
    const other = testSigner(ORIGIN).key;
    expect(codeOf(() => verifyProof(proof, entry, other, ORIGIN))).toBe('note-unsigned');
  });

  test('refuses a proof with the checkpoint of another size', async () => {
    const size = SIZE - 1;
    const note = await signCheckpoint({ origin: ORIGIN, size, root: treeRoot(size, readNode) }, [signer]);
    const text = formatProof({ index: INDEX, hashes, checkpoint: note });
    expect(codeOf(() => verify(text))).toBe('inclusion-invalid');
  });

  test.each<[string, string | Buffer, string]>([
    ['with nothing in it', '', 'proof-malformed'],
    ['without a checkpoint', proof.slice(0, proof.indexOf('\n\n') + 1), 'proof-malformed'],
    ['with an empty checkpoint', proof.slice(0, proof.indexOf('\n\n') + 2), 'note-malformed'],
    ['without an empty line', proof.replace('\n\n', '\n'), 'proof-malformed'],
    ['with two empty lines', proof.replace('\n\n', '\n\n\n'), 'note-signature-invalid'],
    ['without a final newline', proof.slice(0, -1), 'proof-malformed'],
    ['of another version', proof.replace('@v1', '@v2'), 'proof-malformed'],
    ['with a byte order mark', `\ufeff${proof}`, 'proof-malformed'],
    ['with carriage returns', proof.replaceAll('\n', '\r\n'), 'proof-malformed'],
    ['that is not UTF-8', Buffer.concat([Buffer.from(proof), Buffer.of(0xff, 0x0a)]), 'proof-malformed'],
    ['without an index', proof.replace('index 37\n', ''), 'proof-malformed'],
    ['with two indices', proof.replace('index 37\n', 'index 37\nindex 37\n'), 'proof-malformed'],
    ['with an index with a leading zero', proof.replace('index 37', 'index 037'), 'proof-malformed'],
    ['with a negative index', proof.replace('index 37', 'index -37'), 'proof-malformed'],
    ['with an index of 2^53', proof.replace('index 37', `index ${2n ** 53n}`), 'proof-malformed'],
    ['with an empty index', proof.replace('index 37', 'index '), 'proof-malformed'],
    ['with two spaces before its index', proof.replace('index 37', 'index  37'), 'proof-malformed'],
    ['with an index past the end', proof.replace('index 37', 'index 61'), 'inclusion-invalid'],
    ['with a huge index', proof.replace('index 37', `index ${2n ** 53n - 1n}`), 'inclusion-invalid'],
    ['with another index', proof.replace('index 37', 'index 36'), 'inclusion-invalid'],
    ['with a hash too few', proof.replace(hashLines[2] ?? '', ''), 'inclusion-invalid'],
    [
      'with a hash too many',
      proof.replace('\n\n', `\n${STRANGER.toString('base64')}\n\n`),
      'inclusion-invalid',
    ],
    [
      'with swapped hashes',
      proof.replace(hashLines.join(''), [...hashLines].reverse().join('')),
      'inclusion-invalid',
    ],
    ['with another hash', proof.replace(hashLines[1] ?? '', hashLines[2] ?? ''), 'inclusion-invalid'],
    [
      'with a hash in base64url',
      proof.replace('index 37\n', `index 37\n${'_'.repeat(43)}=\n`),
      'proof-malformed',
    ],
    ['with a short hash', proof.replace('index 37\n', 'index 37\nAAAA\n'), 'proof-malformed'],
    ['with a space after a hash', proof.replace('=\n', '= \n'), 'proof-malformed'],
    ['with 64 hashes', proof.replace(hashLines.join(''), (hashLines[0] ?? '').repeat(64)), 'proof-malformed'],
    [
      'with 63 hashes',
      proof.replace(hashLines.join(''), (hashLines[0] ?? '').repeat(63)),
      'inclusion-invalid',
    ],
    [
      'with 20,000 hashes',
      proof.replace(hashLines.join(''), (hashLines[0] ?? '').repeat(20_000)),
      'proof-malformed',
    ],
    ['with empty extra data', proof.replace('index', 'extra \nindex'), 'proof-malformed'],
    ['with extra data that is not Base64', proof.replace('index', 'extra !\nindex'), 'proof-malformed'],
    ['with extra data twice', proof.replace('index', 'extra AAAA\nextra AAAA\nindex'), 'proof-malformed'],
    ['with extra data after its index', proof.replace('37\n', '37\nextra AAAA\n'), 'proof-malformed'],
    [
      'with too much extra data',
      proof.replace('index', `extra ${'AAAA'.repeat(21_846)}\nindex`),
      'proof-malformed',
    ],
    ['that is too long', proof + '— stranger AAAAAAA=\n'.repeat(60_000), 'too-large'],
    ['with a changed checkpoint', proof.replace(`\n${SIZE}\n`, `\n${SIZE + 1}\n`), 'note-signature-invalid'],
  ])('refuses a proof %s', (_, text, code) => {
    expect(codeOf(() => verify(text))).toBe(code);
  });

  test('refuses a proof in which any bit is flipped', () => {
    const bytes = Buffer.from(proof);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(codeOf(() => verify(flipped))).toMatch(/^(proof|note|inclusion)-/);
    }
  });
});

describe('proofs of one checkpoint, one after another', () => {
  const proofOf = (index: number, note = checkpoint) =>
    formatProof({ index, hashes: inclusionProof(index, SIZE, readNode), checkpoint: note });
  const outcome = (text: string, leaf: Uint8Array, key = signer.key): unknown =>
    codeOf(() => verifyProof(text, leaf, key, ORIGIN));
  const leafAt = (index: number): Uint8Array => entries[index] ?? Buffer.alloc(0);
  const linesOf = (index: number) => proofOf(index).split('\n').slice(2, -7);

  test('hold in any order, and again', () => {
    for (let i = 0; i < 3 * SIZE; i++) {
      const index = (i * 17) % SIZE;
      expect(verify(proofOf(index), entries[index])).toEqual({ index, size: SIZE, root });
    }
  });

  test('are refused, whatever line of theirs is one of another proof, and leave nothing behind', () => {
    for (const before of [36, 37, 38, 0, 60])
      for (const [at, line] of linesOf(INDEX).entries()) {
        const strange = linesOf(before).filter((one) => !linesOf(INDEX).includes(one));
        for (const other of [...strange, STRANGER.toString('base64')]) {
          expect(outcome(proofOf(before), leafAt(before))).toBeUndefined();
          expect([at, outcome(proof.replace(line, other), entry)]).toEqual([at, 'inclusion-invalid']);
          expect(outcome(proof, entry)).toBeUndefined();
        }
        for (const other of ['', 'AAAA', `${'_'.repeat(43)}=`, `${line}=`]) {
          expect(outcome(proofOf(before), leafAt(before))).toBeUndefined();
          expect([at, outcome(proof.replace(line, other), entry)]).not.toEqual([at, undefined]);
        }
      }
  });

  test('are refused under another leaf, at once after the one that holds', () => {
    for (let index = 0; index < SIZE; index++) {
      expect(outcome(proofOf(index), leafAt(index))).toBeUndefined();
      expect(outcome(proofOf(index), Buffer.from('forged'))).toBe('inclusion-invalid');
      expect(outcome(proofOf(index), leafAt((index + 1) % SIZE))).toBe('inclusion-invalid');
      expect(outcome(proofOf((index + 1) % SIZE), leafAt(index))).toBe('inclusion-invalid');
    }
  });

  test('prove nothing of a log with another root, of this key or of another', async () => {
    const forged = memoryTree(
      entries.map((one, i) => (i === INDEX ? Buffer.from('forged') : one)).slice(0, SIZE),
    );
    const own = await signCheckpoint({ origin: ORIGIN, size: SIZE, root: forged.root }, [signer]);
    const stranger = testSigner(ORIGIN);
    const theirs = await signCheckpoint({ origin: ORIGIN, size: SIZE, root }, [stranger]);
    expect(outcome(proof, entry)).toBeUndefined();
    expect(outcome(proofOf(INDEX, own), entry)).toBe('inclusion-invalid');
    expect(outcome(proofOf(INDEX, own), Buffer.from('forged'))).toBeUndefined();
    expect(outcome(proof, Buffer.from('forged'))).toBe('inclusion-invalid');
    expect(outcome(proofOf(INDEX, theirs), entry)).toBe('note-unsigned');
    expect(outcome(proofOf(INDEX, theirs), entry, stranger.key)).toBeUndefined();
    expect(outcome(proof, entry, stranger.key)).toBe('note-unsigned');
  });
});

describe('formatProof', () => {
  test('writes what parseProof reads, with and without extra data', () => {
    expect(parseProof(proof)).toEqual({ index: INDEX, hashes, checkpoint });
    const extra = Buffer.from('the salt');
    const text = formatProof({ index: INDEX, hashes, checkpoint, extra });
    expect(text.split('\n').slice(0, 3)).toEqual([
      'c2sp.org/tlog-proof@v1',
      'extra dGhlIHNhbHQ=',
      'index 37',
    ]);
    expect(parseProof(text)).toEqual({ index: INDEX, hashes, checkpoint, extra });
    expect(verify(text)).toEqual({ index: INDEX, size: SIZE, root });
  });

  test('reads 63 hashes beside extra data', () => {
    const many = Array.from({ length: 63 }, () => STRANGER);
    const text = formatProof({ index: 0, hashes: many, checkpoint, extra: Buffer.alloc(65_536) });
    expect(parseProof(text).hashes).toHaveLength(63);
  });

  test('refuses to write what could not be read', () => {
    const good = { index: INDEX, hashes, checkpoint };
    expect(codeOf(() => formatProof({ ...good, index: -1 }))).toBe('proof-malformed');
    expect(codeOf(() => formatProof({ ...good, hashes: [Buffer.alloc(31)] }))).toBe('proof-malformed');
    expect(codeOf(() => formatProof({ ...good, extra: Buffer.alloc(0) }))).toBe('proof-malformed');
    expect(codeOf(() => formatProof({ ...good, checkpoint: checkpoint.slice(0, -1) }))).toBe(
      'proof-malformed',
    );
  });
});
