// How fast a log is checked, beside what the machine's signatures alone would take. Each size in a process of its own, so that
// its peak memory is its own. `SIZES=10000,1000000 npm run bench -- audit` for others.
import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseVkey, verifyLog } from '@entente/audit';
import { auditLog, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { loadAnchors, loadDirectory } from '@entente/members';
import { openDatabase } from '@entente/runtime';
import { buildLog } from './build-log.mjs';

const DISTINCT = 2000;

export async function measure() {
  const sizes = (process.env.SIZES ?? '10000,100000').split(',').map(Number);
  const self = fileURLToPath(import.meta.url);
  return sizes.flatMap((size) => {
    const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
    try {
      const run = (what) =>
        JSON.parse(
          execFileSync(process.execPath, [self, what, dir, String(size)], {
            encoding: 'utf8',
            maxBuffer: 1e8,
          }),
        );
      run('build');
      const [hashes, all, replayed, bare] = ['hashes', 'audit', 'replay', 'bare'].map(run);
      const row = (what, measured) => ({ what: `${what}, ${size} entries`, ...measured });
      return [
        row('hashes only', hashes),
        row('full audit with every signature', all),
        row('full audit, and every verdict again', replayed),
        row(`bare Ed25519 on ${cpus().length} cores`, bare),
        {
          what: `full audit / bare Ed25519, ${size} entries`,
          ratio: Number((all.perSecond / bare.perSecond).toFixed(2)),
        },
      ];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

async function build(dir, size) {
  const source = await buildLog(dir, size, { distinct: DISTINCT, crossings: true });
  writeFileSync(join(dir, 'source.json'), JSON.stringify(source));
  return {};
}

function sourceOf(dir) {
  return JSON.parse(readFileSync(join(dir, 'source.json'), 'utf8'));
}

async function hashes(dir) {
  const source = sourceOf(dir);
  const key = parseVkey(source.vkey);
  const { faults } = await verifyLog(join(source.dir, 'log'), { key, origin: key.name });
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
}

async function audit(dir) {
  const { faults } = await auditLog(sourceOf(dir), { verdicts: false });
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
}

async function replay(dir) {
  const { faults, decided } = await auditLog(sourceOf(dir), { verdicts: true });
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
  if (decided.crossings.permit === 0) throw new Error('nothing was decided again');
}

/** The same signatures, and nothing else: 64 in flight on the thread pool. */
async function bare(dir, size) {
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
  let next = 0;
  const started = performance.now();
  const work = async () => {
    while (next < size) {
      const { input, signature } = jobs[next++ % jobs.length];
      const good = await new Promise((resolve, reject) =>
        verify(null, input, key, signature, (error, result) => (error ? reject(error) : resolve(result))),
      );
      if (!good) throw new Error('a signature does not hold');
    }
  };
  await Promise.all(Array.from({ length: 64 }, work));
  return performance.now() - started;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, dir, size] = process.argv.slice(2);
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const ms =
    (await { build, hashes, audit, replay, bare }[what](dir, Number(size))) ?? performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round((Number(size) * 1000) / ms);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ perSecond, cpuMicros: Math.round((user + system) / Number(size)), peakMb }));
}
