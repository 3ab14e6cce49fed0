import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Checkpoint,
  consistencyProof,
  openCheckpoint,
  parseProof,
  parseVkey,
  verifyConsistency,
  verifyLog,
} from '@entente/audit';
import { wire } from '@entente/contract';
import { createSigner, generateKey, type Signer, writeKeyFile } from '@entente/seal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendBatch } from './append-batch.js';
import { verifyWith } from './fixture/test-ledger.js';
import { anyClock, EACH_BATCH, ORIGIN, request, tempDir } from './fixture/test-log.js';
import { tilesOf, vkeyOf } from './open-log.js';
import { type OpenLog, openChain, succeedIfDue } from './succeed.js';

// Node cannot run TypeScript: the child is what the build has made of the same sources.
const CHILD = fileURLToPath(new URL('../dist/fixture/append-forever.js', import.meta.url));
// `npm run fault -- ledger --points 100 --seed 7`
const KILLS = Number(process.env.LEDGER_POINTS ?? 10);
const SEED = Number(process.env.LEDGER_SEED ?? 20_250_615);
/** Of so many runs, in one the log goes on under another origin, at a time that is drawn as well. */
const SUCCESSIONS = 4;

const temp = tempDir();
const answersPath = join(temp.dir, 'answers');
const random = seeded(SEED);
let child: ChildProcess | undefined;
let signer: Signer;

beforeAll(async () => {
  const jwk = await generateKey('Ed25519');
  await writeKeyFile(join(temp.dir, 'ledger.key'), jwk);
  signer = await createSigner(jwk);
  writeFileSync(answersPath, '');
});
afterAll(() => {
  child?.kill('SIGKILL');
  temp.remove();
});

test(
  `whatever was acknowledged is in the log, wherever its ledger is killed: ${KILLS} points, seed ${SEED}`,
  async () => {
    let entries: readonly wire.EntryFrame[] = [];
    for (let run = 0; run < KILLS; run++) {
      if (run % SUCCESSIONS === SUCCESSIONS - 1) orderSuccession(run);
      await runAndKill(run);
      const before = entries.length;
      entries = readEntries();
      expect(entries.length).toBeGreaterThan(before);
      await withLogs(async ({ log }) => expectAllIn(log, entries.slice(before)));
    }
    await withLogs(async ({ log }) => {
      expectAllIn(log, entries);
      expect(log.past).toHaveLength(Math.floor(KILLS / SUCCESSIONS));
      // What is asked for again gets the entry that was acknowledged before.
      const some = entries.filter((entry, at) => at % 17 === 0 && verify(entry).record.event === 'crossing');
      for (let at = 0; at < some.length; at += 256) {
        const page = some.slice(at, at + 256);
        const replies = await appendBatch(
          log,
          page.map(({ record }) => request(record)),
        );
        const again = replies.map((reply) => wire.appendReply.decode(reply).entry?.leaf);
        expect(again).toEqual(page.map(({ leaf }) => leaf));
      }
    });
    if (process.env.LEDGER_POINTS)
      console.log(`${KILLS} kills, seed ${SEED}: ${entries.length} acknowledged entries, all there`);
  },
  60_000 + KILLS * 60_000,
);

/** While it works, or at the latest at the next start. */
function orderSuccession(run: number): void {
  const from = new Date(Date.now() + 200 + random() * 2000).toISOString();
  const order = { origin: `${ORIGIN}-${run}`, reason: 'time-over', from };
  writeFileSync(join(temp.dir, 'succession.json'), JSON.stringify(order));
}

/** Lets the ledger work until it has given some answers more, and a moment longer, in the middle of whatever it does then. */
async function runAndKill(run: number): Promise<void> {
  const from = statSync(answersPath).size;
  const more = 1000 + random() * 300_000;
  const process = spawn(globalThis.process.execPath, [CHILD, temp.dir, `${SEED}-${run}`], {
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

/** Opens the logs as the next start does; what the killed one left of their images is looked at before. */
async function withLogs(work: (open: OpenLog) => Promise<void>): Promise<void> {
  const alarm = (what: string) => {
    throw new Error(what);
  };
  const loadKey = () => Promise.reject(new Error('there is one key'));
  const time = { now: Date.now, clock: anyClock(Date.now) };
  const seenByOthers = async () => [];
  const tell = { seenByOthers, alarm, tellFault: () => alarm('a request'), tellAppended: () => undefined };
  const chain = {
    nation: 'DE',
    origin: ORIGIN,
    dataDir: temp.dir,
    signer,
    loadKey,
    imageOptions: EACH_BATCH,
    ...time,
    ...tell,
  };
  const open = await succeedIfDue(chain, await openChain(chain), undefined);
  const logs = [...open.log.past, { ...open.log, dir: open.folder.dir }];
  try {
    await work(open);
    for (const { origin, dir, store } of logs) {
      const options = { key: parseVkey(vkeyOf(origin, signer)), origin };
      const { size } = store.head();
      expect(await verifyLog(tilesOf(dir), options)).toMatchObject({ size, faults: [] });
    }
  } finally {
    for (const { store } of logs) store.close();
  }
}

const verify = (entry: wire.EntryFrame) => verifyWith(signer, entry);

function expectAllIn(log: OpenLog['log'], entries: readonly wire.EntryFrame[]): void {
  const roots = new Map<string, string>();
  for (const entry of entries) {
    const { origin, index } = verify(entry);
    const { store } = [...log.past, log].find((one) => one.origin === origin) ?? log;
    const kept = store.entryAt(index);
    expect(Buffer.from(kept?.leaf ?? []).equals(entry.leaf)).toBe(true);
    expect(Buffer.from(kept?.record ?? []).equals(entry.record)).toBe(true);
    const key = parseVkey(vkeyOf(origin, signer));
    const seen = openCheckpoint(parseProof(entry.proof).checkpoint, key, origin);
    // INVARIANT: it never signs a size twice.
    const root = Buffer.from(seen.root).toString('hex');
    const known = roots.get(`${origin} ${seen.size}`);
    if (known === undefined)
      expectPrefix(seen, openCheckpoint(store.head().note, key, origin), store.readNode);
    expect(known ?? root).toBe(root);
    roots.set(`${origin} ${seen.size}`, root);
  }
}

function expectPrefix(
  old: Checkpoint,
  last: Checkpoint,
  readNode: OpenLog['log']['store']['readNode'],
): void {
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
