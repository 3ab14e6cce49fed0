// How fast a log is checked, beside what the machine's signatures alone would take. Each size in a process of its own, so that
// its peak memory is its own. `SIZES=10000,1000000 npm run bench -- audit` for others; `LOGS=FOLDER` keeps the logs there, and takes
// those that are there already. On a machine that does other work go by the processor times: rates say little then.
import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { parseVkey, verifyLog } from '@entente/audit';
import { auditLog, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { loadAnchors, loadDirectory } from '@entente/members';
import { openDatabase } from '@entente/runtime';
import { buildLog } from './build-log.mjs';

const DISTINCT = 2000;
const CORES = availableParallelism();
const self = fileURLToPath(import.meta.url);

export async function measure() {
  const sizes = (process.env.SIZES ?? '10000,100000').split(',').map(Number);
  const kept = process.env.LOGS;
  return sizes.flatMap((size) => {
    const dir = kept ? join(kept, `log-${size}`) : mkdtempSync(join(tmpdir(), 'entente-bench-'));
    try {
      return measureSize(dir, size);
    } finally {
      if (!kept) rmSync(dir, { recursive: true, force: true });
    }
  });
}

function measureSize(dir, size) {
  mkdirSync(dir, { recursive: true });
  const run = (what) =>
    JSON.parse(
      execFileSync(process.execPath, [self, what, dir, String(size)], { encoding: 'utf8', maxBuffer: 1e8 }),
    );
  if (!existsSync(join(dir, 'source.json'))) run('build');
  const [hashed, all, replayed, pool, threads] = ['hashes', 'audit', 'replay', 'pool', 'threads'].map(run);
  const row = (what, measured) => ({ what: `${what}, ${size} entries`, ...measured });
  // Whatever does it best on this machine is what the audit is held against.
  const bare = {
    perSecond: Math.max(pool.perSecond, threads.perSecond),
    cpuMicros: Math.min(pool.cpuMicros, threads.cpuMicros),
  };
  const ratio = (value) => ({ ratio: Number(value.toFixed(2)) });
  return [
    row('hashes only', hashed),
    row('full audit with every signature', all),
    row('full audit, and every verdict again', replayed),
    row(`bare Ed25519, 64 in flight on the thread pool of ${CORES} cores`, pool),
    row(`bare Ed25519, on ${CORES} threads`, threads),
    row('full audit / bare Ed25519, by rate', ratio(all.perSecond / bare.perSecond)),
    row('full audit / bare Ed25519, by processor time', ratio(bare.cpuMicros / all.cpuMicros)),
  ];
}

async function build(dir, size) {
  return await timed(async () => {
    const source = await buildLog(dir, size, { distinct: DISTINCT, crossings: true });
    writeFileSync(join(dir, 'source.json'), JSON.stringify(source));
  });
}

function sourceOf(dir) {
  return JSON.parse(readFileSync(join(dir, 'source.json'), 'utf8'));
}

async function hashes(dir) {
  const source = sourceOf(dir);
  const key = parseVkey(source.vkey);
  return await timed(async () => {
    const { faults } = await verifyLog(join(source.dir, 'log'), { key, origin: key.name });
    if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
  });
}

async function audit(dir) {
  return await timed(async () => {
    const { faults } = await auditLog(sourceOf(dir), { verdicts: false });
    if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
  });
}

async function replay(dir) {
  return await timed(async () => {
    const { faults, decided } = await auditLog(sourceOf(dir), { verdicts: true });
    if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
    if (decided.crossings.permit === 0) throw new Error('nothing was decided again');
  });
}

/** The same signatures, and nothing else: 64 in flight on the thread pool. */
async function pool(dir, size) {
  const { key, jobs } = await signaturesOf(dir);
  let next = 0;
  const work = async () => {
    while (next < size) {
      const { input, signature } = jobs[next++ % jobs.length];
      const good = await new Promise((resolve, reject) =>
        verify(null, input, key, signature, (error, result) => (error ? reject(error) : resolve(result))),
      );
      if (!good) throw new Error('a signature does not hold');
    }
  };
  return await timed(() => Promise.all(Array.from({ length: 64 }, work)));
}

/** The same, each core with a thread that verifies one after another; their start is not counted. */
async function threads(dir, size) {
  const workerData = { ...(await signaturesOf(dir)), count: Math.ceil(size / CORES) };
  const url = new URL('./verify-worker.mjs', import.meta.url);
  const workers = Array.from({ length: CORES }, () => new Worker(url, { workerData }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return await timed(() =>
    Promise.all(
      workers.map((worker) => {
        worker.postMessage('go');
        return once(worker, 'message');
      }),
    ),
  );
}

async function timed(work) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - started, micros: user + system };
}

async function signaturesOf(dir) {
  const source = sourceOf(dir);
  const db = openDatabase(join(source.dir, 'ledger.sqlite'), ['']);
  const rows = db.prepare('SELECT record FROM entry WHERE idx >= 2 AND idx < ?').all(2 + DISTINCT);
  db.close();
  const jobs = rows.map(({ record }) => {
    const text = Buffer.from(wire.record.decode(record).seal).toString('latin1');
    const cut = text.lastIndexOf('.');
    return {
      input: Buffer.from(text.slice(0, cut)),
      signature: Buffer.from(text.slice(cut + 1), 'base64url'),
    };
  });
  const anchors = await loadAnchors(source.anchors);
  const { directory } = await loadDirectory(paths.directory(join(dir, 'home')), anchors, {
    nowMs: Date.now(),
  });
  const member = directory.nations.get(source.nation).part.members[0];
  const key = createPublicKey({
    key: JSON.parse(member.keys.find(({ use }) => use === 'sig').jwk),
    format: 'jwk',
  });
  return { key, jobs };
}

if (process.argv[1] === self) {
  const [what, dir, text] = process.argv.slice(2);
  const size = Number(text);
  const { ms, micros } = await { build, hashes, audit, replay, pool, threads }[what](dir, size);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const perSecond = Math.round((size * 1000) / ms);
  console.log(JSON.stringify({ perSecond, cpuMicros: Number((micros / size).toFixed(1)), peakMb }));
}
