import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Checkpoint,
  consistencyProof,
  formatVkey,
  type NoteSigner,
  openCheckpoint,
  parseProof,
  parseVkey,
  verifyConsistency,
  verifyLog,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { createSigner, generateKey, writeKeyFile } from '@entente/seal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLog } from './check-log.js';
import { ORIGIN, openTestLog, type TestLog, tempDir } from './fixture/test-log.js';

// Node cannot run TypeScript: the child is what the build has made of the same sources.
const CHILD = fileURLToPath(new URL('../dist/fixture/append-forever.js', import.meta.url));
const KILLS = 10;
const SEED = 20_250_615;

const temp = tempDir();
const answersPath = join(temp.dir, 'answers');
const random = seeded(SEED);
let child: ChildProcess | undefined;
let signer: NoteSigner;

beforeAll(async () => {
  const jwk = await generateKey('Ed25519');
  await writeKeyFile(join(temp.dir, 'ledger.key'), jwk);
  const { signBytes } = await createSigner(jwk);
  signer = {
    key: parseVkey(formatVkey(ORIGIN, Buffer.from(String(jwk.x), 'base64url'))),
    sign: signBytes,
  };
  writeFileSync(answersPath, '');
});
afterAll(() => {
  child?.kill('SIGKILL');
  temp.remove();
});

test('whatever was acknowledged is in the log, however often and wherever its ledger is killed', async () => {
  let entries: readonly wire.EntryFrame[] = [];
  for (let run = 0; run < KILLS; run++) {
    await runAndKill(run);
    const before = entries.length;
    entries = readEntries();
    expect(entries.length).toBeGreaterThan(before);
    await withLog((log) => expectAllIn(log, entries.slice(before)));
  }
  await withLog(async (log) => {
    await expectAllIn(log, entries);
    const { outcomes, verify } = log;
    // What is asked for again gets the entry that was acknowledged before.
    const some = entries.filter((_, at) => at % 17 === 0);
    expect(await outcomes(...some.map(({ record }) => record))).toEqual(
      some.map((entry) => verify(entry).index),
    );
  });
});

/** Lets the ledger work until it has given some answers more, and a moment longer, in the middle of whatever it does then. */
async function runAndKill(run: number): Promise<void> {
  const from = statSync(answersPath).size;
  const more = 1000 + random() * 300_000;
  const process = spawn(globalThis.process.execPath, [CHILD, temp.dir, String(run)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child = process;
  while (statSync(answersPath).size < from + more) {
    if (process.exitCode !== null) throw new Error(`the ledger ended by itself with ${process.exitCode}`);
    await delay(2);
  }
  await delay(random() * 25);
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
}

/** Opens the log as the next start does; what the killed one left of the image is looked at before. */
async function withLog(work: (log: TestLog) => Promise<void>): Promise<void> {
  const log = openTestLog(temp.dir, signer);
  try {
    checkLog(log.log, log.tilesDir);
    log.image.catchUp();
    await work(log);
    const { size } = log.store.head();
    const options = { key: signer.key, origin: ORIGIN };
    expect(await verifyLog(log.tilesDir, options)).toMatchObject({ size, faults: [] });
  } finally {
    log.close();
  }
}

async function expectAllIn({ store, verify }: TestLog, entries: readonly wire.EntryFrame[]): Promise<void> {
  const last = openCheckpoint(store.head().note, signer.key, ORIGIN);
  const roots = new Map<number, string>();
  for (const entry of entries) {
    const { index } = verify(entry);
    const kept = store.entryAt(index);
    expect(Buffer.from(kept?.leaf ?? []).equals(entry.leaf)).toBe(true);
    expect(Buffer.from(kept?.record ?? []).equals(entry.record)).toBe(true);
    const seen = openCheckpoint(parseProof(entry.proof).checkpoint, signer.key, ORIGIN);
    expectPrefix(seen, last, store.readNode);
    // INVARIANT: it never signs a size twice.
    const root = Buffer.from(seen.root).toString('hex');
    expect(roots.get(seen.size) ?? root).toBe(root);
    roots.set(seen.size, root);
  }
}

function expectPrefix(old: Checkpoint, last: Checkpoint, readNode: TestLog['store']['readNode']): void {
  const proof = consistencyProof(old.size, last.size, readNode);
  verifyConsistency({ oldSize: old.size, oldRoot: old.root, size: last.size, root: last.root, proof });
}

/** The acknowledged entries; a line that the kill has cut off was not acknowledged, and is taken away. */
function readEntries(): wire.EntryFrame[] {
  const text = readFileSync(answersPath, 'latin1');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) {
    rmSync(answersPath);
    writeFileSync(answersPath, whole);
  }
  const replies = whole.split('\n').slice(0, -1);
  return replies.map((line) => {
    const { entry, refusal } = wire.appendReply.decode(Buffer.from(line, 'base64'));
    if (!entry) throw new Error(`refused: ${refusal}`);
    return entry;
  });
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
