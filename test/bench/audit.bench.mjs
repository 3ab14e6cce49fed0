// How fast a log is checked, beside what the machine's signatures alone would take. Each size in a process of its own, so that
// its peak memory is its own. `SIZES=10000,1000000 npm run bench -- audit` for others.
import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  appendLeaves,
  leafHash,
  parseVkey,
  publishCheckpoint,
  readThrough,
  signCheckpoint,
  verifyLog,
  writeTiles,
} from '@entente/audit';
import { auditLog, examplePlan, makeHome, paths } from '@entente/cli';
import { newId, wire } from '@entente/contract';
import { bundleDirectory, loadAnchors, loadDirectory } from '@entente/members';
import { openDatabase } from '@entente/runtime';
import { commitmentOf, loadSigner, sealStatement } from '@entente/seal';

const DISTINCT = 2000;
const BATCH = 4096;

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
      const [hashes, all, bare] = ['hashes', 'audit', 'bare'].map(run);
      const row = (what, { perSecond, peakMb }) => ({ what: `${what}, ${size} entries`, perSecond, peakMb });
      return [
        row('hashes only', hashes),
        row('full audit with every signature', all),
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

/** A log of signed messages as a ledger writes it. The signatures repeat after 2,000 entries; each is checked each time. */
async function build(dir, size) {
  const nowMs = Date.now();
  const home = await makeHome(join(dir, 'home'), examplePlan(), nowMs);
  const { code, origin } = home.nations[0];
  const from = home.nations[0].members[0];
  const to = home.nations[1].members[0];
  const anchors = await loadAnchors(paths.anchors(home.dir));
  const { directory } = await loadDirectory(paths.directory(home.dir), anchors, { nowMs });
  const archive = paths.archive(home.dir, code);
  mkdirSync(archive, { recursive: true });
  writeFileSync(
    join(archive, `${Buffer.from(directory.sha256).toString('hex')}.directory`),
    bundleDirectory(directory),
  );
  const signer = await loadSigner(paths.secret(home.dir, from.id, 'sign.key'));
  const pack = Buffer.alloc(32, 1);
  const adopt = (event, sha256) =>
    wire.record.encode({ nation: code, event, adoption: { sha256, versions: [] }, decidedAtMs: nowMs });
  const signed = [];
  for (let i = 0; i < DISTINCT; i++) {
    const draft = {
      profile: 1,
      id: newId(),
      caseId: newId(),
      from: from.id,
      fromRole: from.roles[0],
      to: to.id,
      toRole: to.roles[0],
    };
    const times = { inReplyTo: newId(), issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000, actor: '' };
    const about = [{ messageId: newId(), messageHash: Buffer.alloc(32, 2), code: '' }];
    const { envelope, messageHash } = await sealStatement(
      { ...draft, ...times },
      { evidence: 'delivered', atMs: nowMs, about },
      signer,
    );
    const { seal } = wire.envelope.decode(envelope);
    signed.push(
      wire.record.encode({
        ...{
          nation: code,
          event: 'evidence',
          stage: 'leave',
          step: 'first',
          seal,
          messageHash,
          verdict: { decision: 'permit' },
        },
        ...{ packSha256: pack, directorySha256: directory.sha256, decidedAtMs: nowMs },
      }),
    );
  }
  const records = (index) =>
    index === 0
      ? adopt('adopt-pack', pack)
      : index === 1
        ? adopt('adopt-directory', directory.sha256)
        : signed[index % DISTINCT];
  const events = (index) => ['adopt-pack', 'adopt-directory'][index] ?? 'evidence';
  const ledger = paths.ledger(home.dir, code);
  const db = openDatabase(join(ledger, 'ledger.sqlite'), [
    'CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, salt BLOB, record BLOB)',
  ]);
  const insert = db.prepare('INSERT INTO entry (idx, leaf, salt, record) VALUES (?, ?, ?, ?)');
  const log = paths.log(home.dir, code);
  mkdirSync(log, { recursive: true });
  const nodes = [];
  const readNode = readThrough([], (level, index) => nodes[level]?.[index]);
  const salt = Buffer.alloc(16, 3);
  let at = 0;
  while (at < size) {
    const leaves = Array.from({ length: Math.min(BATCH, size - at) }, (_, i) => {
      const record = records(at + i);
      return {
        record,
        leaf: wire.leaf.encode({
          event: events(at + i),
          timeMs: nowMs,
          commitment: commitmentOf(salt, record),
        }),
      };
    });
    const appended = appendLeaves(
      at,
      leaves.map(({ leaf }) => leafHash(leaf)),
      readNode,
    );
    for (const { level, index, hash } of appended.nodes) {
      nodes[level] ??= [];
      nodes[level][index] = hash;
    }
    db.transaction(() => {
      for (const [i, { leaf, record }] of leaves.entries()) insert.run(at + i, leaf, salt, record);
    });
    writeTiles(log, at, appended.size, readNode, (index) => leaves[index - at]?.leaf);
    at += leaves.length;
    if (at === size) {
      const ledgerSigner = await loadSigner(
        paths.secret(home.dir, `services.${code.toLowerCase()}`, 'ledger.key'),
      );
      const { vkey } = home.nations[0];
      const signers = [{ key: parseVkey(vkey), sign: ledgerSigner.signBytes }];
      publishCheckpoint(log, await signCheckpoint({ origin, size, root: appended.root }, signers));
    }
  }
  db.close();
  return {};
}

function sourceOf(dir) {
  const homeDir = join(dir, 'home');
  const home = paths.network(homeDir);
  return import(home, { with: { type: 'json' } }).then(({ default: network }) => {
    const { code, vkey } = network.nations[0];
    const archive = [paths.archive(homeDir, code)];
    return { nation: code, dir: paths.ledger(homeDir, code), vkey, archive, anchors: paths.anchors(homeDir) };
  });
}

async function hashes(dir) {
  const source = await sourceOf(dir);
  const key = parseVkey(source.vkey);
  const { faults } = await verifyLog(join(source.dir, 'log'), { key, origin: key.name });
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
}

async function audit(dir) {
  const { faults } = await auditLog(await sourceOf(dir), { verdicts: false });
  if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
}

/** The same signatures, and nothing else: 64 in flight on the thread pool. */
async function bare(dir, size) {
  const source = await sourceOf(dir);
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
  const started = performance.now();
  const ms = (await { build, hashes, audit, bare }[what](dir, Number(size))) ?? performance.now() - started;
  const perSecond = Math.round((Number(size) * 1000) / ms);
  console.log(JSON.stringify({ perSecond, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
}
