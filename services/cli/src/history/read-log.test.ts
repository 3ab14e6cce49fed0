import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  appendLeaves,
  encodeRecords,
  formatVkey,
  leafHash,
  parseVkey,
  publishCheckpoint,
  type ReadNode,
  recordsPath,
  signCheckpoint,
  TILE_WIDTH,
  widthAt,
  writeTiles,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogSource } from './log-source.js';
import { readLog } from './read-log.js';

const ORIGIN = 'log.example/de/2026';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const vkeyOf = (origin: string) =>
  formatVkey(origin, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const salt = Buffer.alloc(16, 5);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-read-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Made {
  readonly timeMs?: number;
  /** What this entry says that it erases. */
  readonly erases?: readonly number[];
  /** The log that it erases them in, if it is one before this. */
  readonly of?: string;
  readonly event?: string;
}

/** A log as files, and what is not there of its records. */
class TestLog {
  readonly #entries: { leaf: Uint8Array; record: Uint8Array }[] = [];
  readonly #stored = new Map<string, Uint8Array>();
  readonly gone = new Set<number>();
  #size = 0;

  constructor(
    readonly at = dir,
    readonly origin = ORIGIN,
  ) {
    mkdirSync(at, { recursive: true });
  }

  async grow(...made: readonly Made[]): Promise<void> {
    for (const { timeMs = 1000, erases, of, event = erases ? 'erasure' : 'evidence' } of made) {
      const erasure = erases ? { indices: erases, reason: 'order', reference: 'file 1' } : null;
      const past = of === undefined ? null : { origin: of };
      const record = wire.record.encode({ nation: 'DE', event, seal: Buffer.from('seal'), erasure, past });
      const commitment = createHash('sha256').update(salt).update(record).digest();
      this.#entries.push({ leaf: wire.leaf.encode({ event, timeMs, commitment }), record });
    }
    const readNode: ReadNode = (level, index) => this.#stored.get(`${level}/${index}`);
    const fresh = this.#entries.slice(this.#size).map(({ leaf }) => leafHash(leaf));
    const { size, root, nodes } = appendLeaves(this.#size, fresh, readNode);
    for (const { level, index, hash } of nodes) this.#stored.set(`${level}/${index}`, hash);
    writeTiles(this.at, this.#size, size, readNode, (index) => this.#entries[index]?.leaf);
    this.#size = size;
    this.writeRecords();
    const signer = {
      key: parseVkey(vkeyOf(this.origin)),
      sign: (bytes: Uint8Array) => sign(null, bytes, privateKey),
    };
    publishCheckpoint(this.at, await signCheckpoint({ origin: this.origin, size, root }, [signer]));
  }

  writeRecords(): void {
    for (let index = 0; widthAt('entries', index, this.#size) > 0; index++) {
      const width = widthAt('entries', index, this.#size);
      const path = join(this.at, recordsPath({ index, width }));
      mkdirSync(dirname(path), { recursive: true });
      const records = Array.from({ length: width }, (_, i) => index * TILE_WIDTH + i).map((at) =>
        this.gone.has(at) ? undefined : { salt, record: this.#entries[at]?.record ?? salt },
      );
      writeFileSync(path, encodeRecords(records));
    }
  }
}

const source = (at = dir, origin = ORIGIN): LogSource => ({
  ...{ nation: 'DE', dir: at, vkey: vkeyOf(origin), archive: [], anchors: null },
});
const many = (count: number): Made[] => Array.from({ length: count }, () => ({}));
const read = async (visit = (_index: number): void | Promise<void> => undefined) => {
  const { faults, ...result } = await readLog(source(), ({ index }) => visit(index));
  return { ...result, faults: faults.map(({ index, code }) => [index, code]) };
};

describe('what is wrong with entries', () => {
  test('a time that goes back, an event that differs, a record that is none', async () => {
    const log = new TestLog();
    await log.grow({ timeMs: 5 }, { timeMs: 4 }, { timeMs: 6 });
    expect((await read()).faults).toEqual([[1, 'time-goes-back']]);
  });

  test('a record that is gone needs a later entry that says so, and what is said must be so', async () => {
    const log = new TestLog();
    log.gone.add(1).add(2).add(4);
    await log.grow({}, {}, {}, { erases: [1, 4] }, {}, { erases: [0] });
    expect(await read()).toMatchObject({
      erased: 3,
      faults: [
        [0, 'not-erased'],
        [2, 'erased-without-entry'],
        // Entry 3 cannot know of it: it came later.
        [4, 'erased-without-entry'],
      ],
    });
  });
});

describe('a log that another one has followed', () => {
  const NEXT = 'log.example/de/2027';
  const facts = async (one: LogSource) =>
    (await readLog(one, () => undefined)).faults.map(({ index, code }) => [index, code]);

  test('is missing what the other one says was erased, and nothing else', async () => {
    const [log, next] = [new TestLog(), new TestLog(join(dir, 'next'), NEXT)];
    log.gone.add(1).add(2);
    await log.grow({}, {}, {});
    await next.grow({}, { erases: [1], of: ORIGIN }, {});
    const others = [source(next.at, NEXT)];
    expect(await facts({ ...source(), others })).toEqual([[2, 'erased-without-entry']]);
    // Its word is about the other log: entry 1 of its own is still there, and may be.
    expect(await facts(source(next.at, NEXT))).toEqual([]);
  });
});

describe('a log that is written while it is read', () => {
  test('and erases what comes next: the entry that says so is read as well', async () => {
    const log = new TestLog();
    await log.grow(...many(600));
    const { size, erased, faults } = await read(async (index) => {
      if (index !== 10) return;
      log.gone.add(300).add(301);
      await log.grow(...many(300), { erases: [300, 301] });
    });
    expect({ size, erased, faults }).toEqual({ size: 901, erased: 2, faults: [] });
  });

  test('and erases what was read before: it is looked at again', async () => {
    const log = new TestLog();
    await log.grow(...many(600));
    const seen: number[] = [];
    const { size, faults } = await read(async (index) => {
      seen.push(index);
      if (index !== 10) return;
      log.gone.add(3).add(300);
      await log.grow({ erases: [3, 300] });
    });
    expect({ size, faults }).toEqual({ size: 601, faults: [] });
    expect(seen).toEqual(Array.from({ length: 601 }, (_, i) => i));
  });

  test('and hides something: it is found all the same', async () => {
    const log = new TestLog();
    await log.grow(...many(600));
    const { faults } = await read(async (index) => {
      if (index !== 10) return;
      log.gone.add(300).add(301);
      await log.grow({ erases: [300] });
    });
    expect(faults).toEqual([[301, 'erased-without-entry']]);
  });
});
