// What a referral costs from one member to another across a border, with evidence of delivery returned, beside what its signatures
// and its encryption alone would take on this machine. All parties run here. `SECONDS=60 npm run bench -- flow`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { edgeClient, examplePlan, makeHome, startNetwork } from '@entente/cli';

import {
  createSigner,
  decryptWith,
  encryptFor,
  generateKey,
  importPublicKey,
  loadDecrypter,
  publicJwk,
  verifyCompact,
  writeKeyFile,
} from '@entente/seal';

const SECONDS = Number(process.env.SECONDS ?? 30);
const IN_FLIGHT = Number(process.env.IN_FLIGHT ?? 192);
const FROM = 'hotline.de';
const TO = 'isp.fr';

export async function measure() {
  const floor = await measureFloor();
  const flow = await measureFlow();
  const half = await measureFlow(flow.perSecond / 2);
  return [
    { what: `(a) crypto floor on ${cpus().length} cores`, perSecond: Math.round(floor) },
    { what: `(c) referrals with evidence, ${IN_FLIGHT} under way`, ...flow },
    { what: '(c) at half of that rate', ...half },
    { what: '(c) / (a)', ratio: Number((flow.perSecond / floor).toFixed(2)) },
  ];
}

/** For each referral: 2 signatures, 6 verifications, 1 encryption, 1 decryption; 64 referrals in flight. */
async function measureFloor() {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  try {
    const signing = await generateKey('Ed25519');
    const signer = await createSigner(signing);
    const publicKey = await stated(signing, 'Ed25519');
    const encrypting = await generateKey('X25519');
    await writeKeyFile(join(dir, 'key'), encrypting);
    const decrypter = await loadDecrypter(join(dir, 'key'));
    const recipient = await stated(encrypting, 'ECDH-ES');
    const header = Buffer.alloc(600, 7);
    const content = Buffer.alloc(2500, 7);
    const parties = { from: FROM, to: TO, mid: 'x' };
    const one = async () => {
      const body = await encryptFor(recipient, content, 'entente-body', parties);
      const seals = [
        await signer.signCompact(header, 'entente-seal'),
        await signer.signCompact(header, 'entente-seal'),
      ];
      const bytes = seals.map((seal) => Buffer.from(seal, 'latin1'));
      for (let i = 0; i < 6; i++) await verifyCompact(bytes[i % 2], 'entente-seal', 65_536, () => publicKey);
      await decryptWith([decrypter], body, 'entente-body', parties, 1e6);
    };
    return await rateOf(one, 64, 5);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function stated(jwk, alg) {
  return await importPublicKey(JSON.stringify(publicJwk(jwk)), { kid: jwk.kid, use: jwk.use, alg });
}

async function rateOf(one, inFlight, seconds) {
  await Promise.all(Array.from({ length: inFlight }, one));
  const startedMs = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - startedMs < seconds * 1000) {
      await one();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return done / ((performance.now() - startedMs) / 1000);
}

/** @param rate referrals a second that are handed in; without it, as many as keep IN_FLIGHT under way */
export async function measureFlow(rate) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  const plan = examplePlan();
  const nations = plan.nations
    .filter(({ code }) => ['DE', 'FR'].includes(code))
    .map((nation) => ({ ...nation, members: nation.members.filter(({ id }) => [FROM, TO].includes(id)) }));
  const home = await makeHome(dir, { ...plan, nations }, Date.now());
  const network = await startNetwork(home);
  try {
    return await load(home, network, rate);
  } finally {
    await network.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function load(home, network, rate) {
  const client = edgeClient(home, FROM);
  const example = new URL('../../examples/02-csam-notice-to-the-host.json', import.meta.url);
  const submission = { ...JSON.parse(readFileSync(example, 'utf8')).submission, to: TO };
  const services = ['ledger.de', 'gate.de', FROM, 'ledger.fr', 'gate.fr', TO];
  let posted = 0;
  let over = false;
  const post = async () => {
    await client.send(submission);
    posted += 1;
  };
  const delivered = async () => (await counted(home, FROM)).delivered;
  const feed = async () => {
    const startedMs = performance.now();
    while (!over) {
      const room = rate
        ? Math.floor((rate * (performance.now() - startedMs)) / 1000) - posted
        : IN_FLIGHT - (posted - (await delivered()));
      await Promise.all(Array.from({ length: Math.max(0, Math.min(room, 32)) }, post));
      await delay(rate ? 10 : 20);
    }
  };
  const feeding = feed();
  await delay(5000);
  const before = await Promise.all(services.map((name) => counted(home, name)));
  const natsBefore = natsCpu(network);
  const [startedMs, startedCount] = [performance.now(), await delivered()];
  await delay(SECONDS * 1000);
  const seconds = (performance.now() - startedMs) / 1000;
  const ended = (await delivered()) - startedCount;
  const after = await Promise.all(services.map((name) => counted(home, name)));
  const natsSeconds = natsCpu(network) - natsBefore;
  const { messages } = await client.messages();
  over = true;
  await feeding;
  const times = messages
    .flatMap(({ outcome, ms }) => (outcome === 'delivered' ? [ms] : []))
    .sort((a, b) => a - b);
  const quantile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const cpu = Object.fromEntries(
    services.map((name, i) => [`cpu ${name}`, round(((after[i].cpu - before[i].cpu) / ended) * 1000)]),
  );
  const perSecond = ended / seconds;
  console.error(JSON.stringify({ times: times.length, posted, ended }));
  return {
    perSecond: round(perSecond),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    ...cpu,
    'cpu nats': round((natsSeconds / ended) * 1000),
    'cpu unit': 'ms a referral',
    maxMb: Math.round(Math.max(...after.map(({ rss }) => rss)) / 2 ** 20),
  };
}

async function counted(home, name) {
  const response = await fetch(`http://127.0.0.1:${home.operationPorts[name]}/metrics`);
  const text = await response.text();
  const value = (line) =>
    Number(
      text
        .split('\n')
        .find((one) => one.startsWith(line))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  return {
    cpu: value('process_cpu_seconds_total '),
    rss: value('process_resident_memory_bytes '),
    delivered: value('entente_edge_outcomes_total{outcome="delivered"'),
  };
}

/** User and system time of the NATS servers so far, in seconds; Linux counts in hundredths. */
function natsCpu({ pids }) {
  return Object.entries(pids())
    .filter(([name]) => name.startsWith('nats.') || name === 'interconnect')
    .map(([, pid]) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '))
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
