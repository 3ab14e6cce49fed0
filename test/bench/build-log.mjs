import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendLeaves,
  leafHash,
  parseVkey,
  publishCheckpoint,
  readThrough,
  signCheckpoint,
  writeTiles,
} from '@entente/audit';
import { crossingOf, examplePlan, makeHome, paths } from '@entente/cli';
import { computeFacts, newId, wire } from '@entente/contract';
import {
  bundleDirectory,
  loadAnchors,
  loadDirectory,
  packFile,
  readUnverified,
  signedPackFile,
} from '@entente/members';
import { decide, identifyBundle, loadPack, packsDir } from '@entente/policy';
import { openDatabase } from '@entente/runtime';
import { commitmentOf, loadSigner, sealReferral, sealStatement } from '@entente/seal';

const BATCH = 4096;
const AT_ONCE = 64;
const HOUR_MS = 3_600_000;
const FROM = 'hotline.de';
const TO = 'isp.fr';

export async function buildLog(dir, size, { crossings = false, distinct = 2000 } = {}) {
  const { source, ...made } = await makeNation(dir, { crossings: crossings ? 2 : 0, distinct });
  await writeLog(made.home, made.nation, made.recordAt, size, made.nowMs);
  return source;
}

/** A home, what its first nation's gate has adopted, and the records that it would log; its ledger holds nothing yet. */
export async function makeNation(dir, { crossings, distinct }) {
  const nowMs = Date.now();
  const home = await makeHome(join(dir, 'home'), examplePlan(), nowMs);
  const nation = home.nations[0];
  const anchors = paths.anchors(home.dir);
  const { directory } = await loadDirectory(paths.directory(home.dir), await loadAnchors(anchors), { nowMs });
  const archive = paths.archive(home.dir, nation.code);
  mkdirSync(archive, { recursive: true });
  const named = `${Buffer.from(directory.sha256).toString('hex')}.directory`;
  writeFileSync(join(archive, named), bundleDirectory(directory));
  const signed = readFileSync(join(paths.packs(home.dir), packFile(nation.code)));
  const { sha256, version } = identifyBundle(readUnverified(signed));
  writeFileSync(join(archive, signedPackFile(sha256, version)), signed);
  const recordAt = await makeRecords({ home, nation, directory, nowMs, crossings, distinct, version });
  const source = {
    nation: nation.code,
    dir: paths.ledger(home.dir, nation.code),
    vkey: nation.vkey,
    anchors,
    archive: [archive, paths.packs(home.dir)],
  };
  return { home, nation, directory, source, recordAt, nowMs };
}

async function makeRecords({ home, nation, directory, nowMs, crossings, distinct, version }) {
  const signer = await loadSigner(paths.secret(home.dir, FROM, 'sign.key'));
  const pack = loadPack(packsDir, nation.code);
  const packSha256 = Buffer.from(pack.sha256, 'hex');
  const common = { nation: nation.code, packSha256, directorySha256: directory.sha256, decidedAtMs: nowMs };
  const recipient = directory.encryptionKey(TO, nowMs);
  const sign = async (i) => {
    const isCrossing = crossings > 0 && i % crossings === 0;
    const { envelope, messageHash } = isCrossing
      ? await sealNotice(i, signer, recipient, nowMs)
      : await sealEvidence(signer, nowMs);
    const { seal } = wire.envelope.decode(envelope);
    const record = { ...common, stage: 'leave', step: 'first', seal, messageHash };
    const asked = {
      ...record,
      event: 'crossing',
      input: { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] },
    };
    return wire.record.encode(
      isCrossing ? verdictOn(pack, asked) : { ...record, event: 'evidence', verdict: { decision: 'permit' } },
    );
  };
  const signed = [];
  for (let i = 0; i < distinct; i += AT_ONCE)
    signed.push(
      ...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, distinct - i) }, (_, n) => sign(i + n)))),
    );
  const adopt = (event, sha256, versions) =>
    wire.record.encode({
      nation: nation.code,
      event,
      adoption: { sha256, versions },
      decidedAtMs: nowMs,
    });
  const first = [
    adopt('adopt-pack', packSha256, [{ part: 'pack', version }]),
    adopt('adopt-directory', directory.sha256, directory.versions),
  ];
  const events = ['adopt-pack', 'adopt-directory'];
  return (index) => ({
    record: first[index] ?? signed[index % distinct],
    event: events[index] ?? (crossings > 0 && (index % distinct) % crossings === 0 ? 'crossing' : 'evidence'),
  });
}

function verdictOn(pack, record) {
  const { alarm, errors, ...verdict } = decide(
    pack,
    crossingOf(wire.record.decode(wire.record.encode(record))),
  );
  return { ...record, verdict };
}

const draftOf = (nowMs) => ({
  ...{ profile: 1, id: newId(), caseId: newId(), from: FROM, fromRole: 'hotline', to: TO, toRole: 'hosting' },
  ...{ inReplyTo: '', issuedAtMs: nowMs, expiresAtMs: nowMs + HOUR_MS, actor: '' },
});

async function sealEvidence(signer, nowMs) {
  const about = [{ messageId: newId(), messageHash: Buffer.alloc(32, 2), code: '' }];
  const statement = { evidence: 'delivered', atMs: nowMs, about };
  return await sealStatement({ ...draftOf(nowMs), inReplyTo: newId() }, statement, signer);
}

const example = JSON.parse(
  readFileSync(new URL('../../examples/14-phishing-page-on-a-bakery-site.json', import.meta.url), 'utf8'),
);

/** Facts of two hundred kinds: real traffic asks the same again and again, but not always. */
async function sealNotice(i, signer, recipient, nowMs) {
  const { content } = example.submission;
  const facts = { ...computeFacts(content), retentionDays: 1 + (i % 200) };
  return await sealReferral(draftOf(nowMs), Buffer.from(JSON.stringify(content)), facts, {
    signer,
    recipient,
  });
}

async function writeLog(home, { code, origin, vkey }, recordAt, size, nowMs) {
  const db = openDatabase(join(paths.ledger(home.dir, code), 'ledger.sqlite'), [
    'CREATE TABLE entry (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, salt BLOB, record BLOB)',
  ]);
  const insert = db.prepare('INSERT INTO entry (idx, leaf, salt, record) VALUES (?, ?, ?, ?)');
  const log = paths.log(home.dir, code);
  mkdirSync(log, { recursive: true });
  const nodes = [];
  const readNode = readThrough([], (level, index) => nodes[level]?.[index]);
  const salt = Buffer.alloc(16, 3);
  // The same records come again and again, and all at one time: so do their leaves.
  const known = new Map();
  const entryOf = ({ record, event }) => {
    const commitment = known.has(record) ? undefined : commitmentOf(salt, record);
    const leaf = commitment && wire.leaf.encode({ event, timeMs: nowMs, commitment });
    if (leaf) known.set(record, { record, leaf, hash: leafHash(leaf) });
    return known.get(record);
  };
  let root;
  for (let at = 0; at < size; ) {
    const entries = Array.from({ length: Math.min(BATCH, size - at) }, (_, i) => entryOf(recordAt(at + i)));
    const appended = appendLeaves(
      at,
      entries.map(({ hash }) => hash),
      readNode,
    );
    for (const { level, index, hash } of appended.nodes) {
      nodes[level] ??= [];
      nodes[level][index] = hash;
    }
    db.transaction(() => {
      for (const [i, { leaf, record }] of entries.entries()) insert.run(at + i, leaf, salt, record);
    });
    writeTiles(log, at, appended.size, readNode, (index) => entries[index - at]?.leaf);
    at += entries.length;
    root = appended.root;
  }
  db.close();
  const signer = await loadSigner(paths.secret(home.dir, `services.${code.toLowerCase()}`, 'ledger.key'));
  const signers = [{ key: parseVkey(vkey), sign: signer.signBytes }];
  publishCheckpoint(log, await signCheckpoint({ origin, size, root }, signers));
}
