// How many appends a second a ledger answers with their proofs, durable, and how long each waits; beside what the disk takes for one
// sync. In this process (its queue, its database, its image), and as it runs: a process of its own, asked over a real NATS server.
// `SECONDS=20 npm run bench -- ledger`.
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inboxPrefix, openBus } from '@entente/bus';
import { examplePlan, makeHome, paths, startNetwork } from '@entente/cli';
import { subjects, wire } from '@entente/contract';
import { askOthers, createLedger } from '@entente/ledger';
import { NO_TRACING, watchClock } from '@entente/runtime';
import { createSigner, generateKey, messageHash } from '@entente/seal';

const SECONDS = Number(process.env.SECONDS ?? 6);
const IN_FLIGHT = [1, 16, 256];
/** A seal of an ordinary referral, and a record, have about this size. */
const SEAL_BYTES = 1100;

export async function measure() {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  try {
    return [
      { what: '(a) syncs of the disk, 4 KiB each', ...summary(syncs(dir), SECONDS / 2) },
      ...(await inProcess(dir)),
      ...(await overNats(dir)),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function syncs(dir) {
  const file = openSync(join(dir, 'syncs'), 'w');
  const bytes = Buffer.alloc(4096, 7);
  const times = [];
  const until = performance.now() + (SECONDS / 2) * 1000;
  while (performance.now() < until) {
    const startedMs = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.push(performance.now() - startedMs);
  }
  closeSync(file);
  return times;
}

async function inProcess(dir) {
  let serve;
  const bus = {
    serve: (_subject, handler) => {
      serve = handler;
      return { stop: async () => undefined };
    },
    close: async () => undefined,
    connected: true,
  };
  const signer = await createSigner(await generateKey('Ed25519'));
  const ledger = createLedger({
    ...{ nation: 'DE', origin: 'entente.example/de/bench', dataDir: join(dir, 'ledger'), signer, bus },
    ...{ retentionDays: 60, logRetentionDays: 60, loadKey: async () => signer, now: Date.now },
    logger: { info: () => undefined, error: console.error },
    meter: { batch: () => undefined, watch: () => undefined },
    tracing: NO_TRACING,
    auditors: [],
    others: askOthers([], Date.now),
    clock: watchClock(Date.now, Number.POSITIVE_INFINITY),
  });
  await ledger.start();
  try {
    return await eachLoad(
      '(b) the ledger alone',
      (bytes) => serve(bytes),
      async () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      },
    );
  } finally {
    await ledger.stop();
  }
}

async function overNats(dir) {
  const plan = examplePlan();
  const nations = plan.nations
    .slice(0, 1)
    .map((nation) => ({ ...nation, members: nation.members.slice(0, 1) }));
  const home = await makeHome(join(dir, 'home'), { ...plan, nations }, Date.now());
  const network = await startNetwork(home);
  try {
    // In the gate's place: what it adopts would get in the way.
    await network.kill('gate.de');
    const bus = await openBus({
      servers: `nats://127.0.0.1:${home.nations[0].natsPort}`,
      name: 'bench',
      seed: readFileSync(paths.secret(home.dir, 'services.de', 'gate.nkey'), 'utf8').trim(),
      inboxPrefix: inboxPrefix('gate'),
    });
    try {
      const ask = async (bytes) => await bus.request(subjects.append, bytes, { timeoutMs: 30_000 });
      return await eachLoad('(c) over NATS, as it runs', ask, async () => await cpuOf(home, 'ledger.de'));
    } finally {
      await bus.close();
    }
  } finally {
    await network.stop();
  }
}

/** @param cpu milliseconds of the processor that the ledger has taken; alone, with what asks it */
async function eachLoad(what, ask, cpu) {
  const directory = randomBytes(32);
  const pack = randomBytes(32);
  const adopt = async (event, sha256, part) =>
    entryOf(
      await ask(
        requestOf({ nation: 'DE', event, adoption: { sha256, versions: [{ part, version: 1_000_000 }] } }),
      ),
    );
  await adopt('adopt-directory', directory, 'DE');
  await adopt('adopt-pack', pack, 'pack');
  const rows = [];
  for (const inFlight of IN_FLIGHT) {
    const one = async () => {
      const bytes = newRequest(directory, pack);
      const startedMs = performance.now();
      entryOf(await ask(bytes));
      return performance.now() - startedMs;
    };
    // What is compiled first is not measured.
    await drive(one, inFlight, 1);
    const [startedMs, startedCpu] = [performance.now(), cpu()];
    const times = await drive(one, inFlight, SECONDS);
    const seconds = (performance.now() - startedMs) / 1000;
    const cpuMs = Number((((await cpu()) - (await startedCpu)) / times.length).toFixed(3));
    rows.push({ what: `${what}, ${inFlight} in flight`, ...summary(times, seconds), cpuMs });
  }
  return rows;
}

async function drive(one, inFlight, seconds) {
  const times = [];
  const until = performance.now() + seconds * 1000;
  const worker = async () => {
    while (performance.now() < until) times.push(await one());
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return times;
}

/** A record as a gate asks for it; nobody verifies its signature here. */
function newRequest(directorySha256, packSha256) {
  const id = randomBytes(16).toString('hex');
  const header = wire.header.encode({
    ...{ protocol: 1, id, caseId: id, from: 'hotline.de', to: 'isp.fr', actor: 'x'.repeat(400) },
    facts: { category: 'phishing', action: 'remove' },
  });
  const seal = Buffer.from(
    `e30.${Buffer.from(header).toString('base64url')}.${'A'.repeat(86)}`.padEnd(SEAL_BYTES, 'A'),
  );
  const rules = [{ id: 'de.phishing.notice', basis: 'DSA Art. 16', says: 'A notice to a host may leave.' }];
  return requestOf({
    ...{
      nation: 'DE',
      event: 'crossing',
      stage: 'leave',
      step: 'first',
      seal,
      messageHash: messageHash(seal),
    },
    ...{ verdict: { decision: 'permit', rules }, packSha256, directorySha256, decidedAtMs: Date.now() },
    input: { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] },
  });
}

async function cpuOf({ operationPorts }, name) {
  const response = await fetch(`http://127.0.0.1:${operationPorts[name]}/metrics`);
  return 1000 * Number(/^process_cpu_seconds_total ([0-9.e+-]+)/m.exec(await response.text())?.[1]);
}

function requestOf(record) {
  return wire.appendRequest.encode({ record: wire.record.encode(record) });
}

function entryOf(bytes) {
  const { entry, refusal, detail } = wire.appendReply.decode(bytes);
  if (!entry) throw new Error(`${refusal}: ${detail}`);
  return entry;
}

function summary(times, seconds) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(2));
  return { perSecond: Math.round(times.length / seconds), p50ms: at(0.5), p99ms: at(0.99) };
}
