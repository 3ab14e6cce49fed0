import { randomBytes } from 'node:crypto';

/** The two ends of messages, by the message's hash. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

export interface SavedEndsOf {
  readonly names: readonly string[];
  /** Base64. */
  readonly rows: readonly string[];
}

/** Words of a row: half of the hash, and the numbers of the two names. */
const [KEY, ROW] = [4, 5];
const LEAST_SLOTS = 1024;
/** In each of two generations; what is older than both is forgotten: nobody speaks of a message for so long. */
const MOST = 2 ** 19;
const MOST_NAMES = 2 ** 16;

/**
 * Remembers who sent a message to whom, for the last half million messages at least, in 20 bytes and a place for each. Half of a SHA-256
 * tells messages apart as long as nobody can find two that agree in 128 bits.
 */
export function createEndsOf(saved?: SavedEndsOf, most = MOST) {
  const names = [...(saved?.names ?? [])];
  const numbers = new Map(names.map((name, at) => [name, at]));
  const numberOf = (name: string): number | undefined => {
    const known = numbers.get(name);
    if (known !== undefined || names.length >= MOST_NAMES) return known;
    numbers.set(name, names.length);
    return names.push(name) - 1;
  };
  let [before, now] = [createTable(saved?.rows[0]), createTable(saved?.rows[1])];
  return {
    /** The first that is said of a message stays. */
    set: (hash: Uint8Array, { from, to }: Ends): void => {
      const [left, right] = [numberOf(from), numberOf(to)];
      if (left === undefined || right === undefined || now.get(hash) !== undefined) return;
      const first = before.get(hash) ?? left * MOST_NAMES + right;
      if (now.size() >= most) [before, now] = [now, createTable()];
      now.set(hash, first);
    },
    get: (hash: Uint8Array): Ends | undefined => {
      const found = now.get(hash) ?? before.get(hash);
      if (found === undefined) return undefined;
      return { from: names[Math.floor(found / MOST_NAMES)] ?? '', to: names[found % MOST_NAMES] ?? '' };
    },
    save: (): SavedEndsOf => ({ names: [...names], rows: [before.save(), now.save()] }),
  };
}

/** Open addressing in one array; whoever chooses hashes does not know where they go. */
function createTable(saved = '') {
  const seed = randomBytes(4).readUInt32LE();
  let rows = new Uint32Array(0);
  let used = new Uint8Array(0);
  let size = 0;
  const find = (words: Uint32Array): number => {
    let at = (Math.imul((words[0] ?? 0) ^ seed, 0x9e3779b1) ^ Math.imul(words[1] ?? 0, seed | 1)) >>> 0;
    for (at %= used.length; used[at] === 1 && !isAt(words, at); ) at = (at + 1) % used.length;
    return at;
  };
  const isAt = (words: Uint32Array, at: number): boolean => {
    for (let i = 0; i < KEY; i++) if (rows[at * ROW + i] !== words[i]) return false;
    return true;
  };
  const put = (row: Uint32Array): void => {
    const at = find(row);
    if (used[at] === 0) size += 1;
    used[at] = 1;
    rows.set(row, at * ROW);
  };
  /** Of the table as it is now, whatever becomes of it. */
  const all = (from = rows, isUsed = used) =>
    (function* () {
      for (let at = 0; at < isUsed.length; at++)
        if (isUsed[at] === 1) yield from.subarray(at * ROW, (at + 1) * ROW);
    })();
  const grow = (slots: number): void => {
    const kept = all();
    [rows, used, size] = [new Uint32Array(slots * ROW), new Uint8Array(slots), 0];
    for (const row of kept) put(row);
  };
  grow(LEAST_SLOTS);
  const add = (row: Uint32Array): void => {
    if ((size + 1) * 4 > used.length * 3) grow(used.length * 2);
    put(row);
  };
  const bytes = Buffer.from(saved, 'base64');
  for (let at = 0; at + ROW * 4 <= bytes.length; at += ROW * 4) add(wordsOf(bytes.subarray(at), ROW));
  return {
    size: () => size,
    set: (hash: Uint8Array, value: number): void => {
      const row = new Uint32Array(ROW);
      row.set(wordsOf(hash, KEY));
      row[KEY] = value;
      add(row);
    },
    get: (hash: Uint8Array): number | undefined => {
      const at = find(wordsOf(hash, KEY));
      return used[at] === 1 ? rows[at * ROW + KEY] : undefined;
    },
    save: (): string => {
      const out = new Uint32Array(size * ROW);
      let at = 0;
      for (const row of all()) out.set(row, ROW * at++);
      return Buffer.from(out.buffer).toString('base64');
    },
  };
}

function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: count }, (_, i) =>
    i * 4 + 4 <= bytes.length ? view.getUint32(i * 4, true) : 0,
  );
}
