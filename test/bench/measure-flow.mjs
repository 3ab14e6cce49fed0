// Referrals from one member to another across a border, until evidence of their delivery is back: how many a second, how long each
// takes, and what each process spends on one. All parties run here.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { examplePlan, makeHome, paths, startNetwork } from '@entente/cli';
import { openEdgeStore } from '@entente/edge';
import { counted, natsCpu, round } from './load.mjs';

/** What waits goes together: it takes many under way to keep every stage of the way busy. */
export const IN_FLIGHT = Number(process.env.IN_FLIGHT ?? 800);
const SECONDS = Number(process.env.SECONDS ?? 30);
/** Until V8 has compiled what is run often, a referral takes up to a quarter more: services run for months. */
export const UNCOUNTED = Number(process.env.UNCOUNTED ?? 4000);
export const FROM = 'hotline.de';
export const TO = 'isp.fr';

/** Of the example network, what a referral passes. */
export function smallestPlan() {
  const plan = examplePlan();
  const nations = plan.nations
    .filter(({ code }) => ['DE', 'FR'].includes(code))
    .map((nation) => ({ ...nation, members: nation.members.filter(({ id }) => [FROM, TO].includes(id)) }));
  return { ...plan, nations };
}

/** @param take what is measured in the network, by `load`, or otherwise in its home */
export async function measureFlow(take) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  const home = await makeHome(dir, smallestPlan(), Date.now());
  const network = await startNetwork(home);
  try {
    return await take((options) => load(home, network, options), home);
  } finally {
    await network.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * In a network that runs; a second time in the same one as well.
 * @param options.rate referrals a second that are handed in; without it, as many as keep IN_FLIGHT under way
 * @param options.referrals so many are counted; without it, what ends in SECONDS
 * @param options.uncounted so many before them; without it, half of those that are counted
 */
export async function load(home, network, { rate, referrals, uncounted = (referrals ?? 0) / 2 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const example = new URL('../../examples/02-csam-notice-to-the-host.json', import.meta.url);
  const submission = { ...JSON.parse(readFileSync(example, 'utf8')).submission, to: TO };
  const services = ['ledger.de', 'gate.de', FROM, 'ledger.fr', 'gate.fr', TO];
  let asked = 0;
  const posts = [];
  let over = false;
  const handIn = { ...whereTo(home), agent };
  const body = JSON.stringify(submission);
  const post = async () => {
    asked += 1;
    await send(handIn, body);
  };
  const { delivered: earlier } = await counted(home, FROM);
  const delivered = async () => (await counted(home, FROM)).delivered - earlier;
  const feed = async () => {
    const startedMs = performance.now();
    while (!over) {
      const room = rate
        ? Math.floor((rate * (performance.now() - startedMs)) / 1000) - asked
        : IN_FLIGHT - (asked - (await delivered()));
      for (let i = 0; i < room; i++) posts.push(post());
      // Each look costs the sender a page of metrics.
      await delay(rate ? 10 : 300);
    }
  };
  const until = async (count) => {
    while ((await delivered()) < count) await delay(100);
  };
  const feeding = feed();
  await until(uncounted);
  const before = await Promise.all(services.map((name) => counted(home, name)));
  const natsBefore = natsCpu(network);
  const [startedMs, startedCount, sinceMs] = [performance.now(), await delivered(), Date.now()];
  const memory = sampleMemory(home, services);
  await (referrals ? until(startedCount + referrals) : delay(SECONDS * 1000));
  memory.stop();
  const seconds = (performance.now() - startedMs) / 1000;
  const ended = (await delivered()) - startedCount;
  const after = await Promise.all(services.map((name) => counted(home, name)));
  const natsSeconds = natsCpu(network) - natsBefore;
  const untilMs = Date.now();
  over = true;
  await feeding;
  await Promise.all(posts);
  await until(asked);
  agent.destroy();
  const times = timesOf(home, sinceMs, untilMs);
  const quantile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const cpu = Object.fromEntries(
    services.map((name, i) => [`cpu ${name}`, round(((after[i].cpu - before[i].cpu) / ended) * 1000)]),
  );
  const perSecond = ended / seconds;
  return {
    perSecond: round(perSecond),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    ...cpu,
    'cpu nats': round((natsSeconds / ended) * 1000),
    'cpu all': round(
      (services.reduce((sum, _, i) => sum + after[i].cpu - before[i].cpu, natsSeconds) / ended) * 1000,
    ),
    'cpu unit': 'ms a referral',
    ...Object.fromEntries(services.map((name, i) => [`mb ${name}`, Math.round(after[i].rss / 2 ** 20)])),
    ...(memory.mb.length > 0 ? { 'mb after each minute': memory.mb.join(' ') } : {}),
    'mb more than before': Math.round(
      after.reduce((sum, { rss }, i) => sum + rss - before[i].rss, 0) / 2 ** 20,
    ),
  };
}

/** Of all services together, after each minute. */
function sampleMemory(home, services) {
  const mb = [];
  const look = async () => {
    const now = await Promise.all(services.map((name) => counted(home, name)));
    mb.push(Math.round(now.reduce((sum, { rss }) => sum + rss, 0) / 2 ** 20));
  };
  // One look that fails does not end a run of ten minutes.
  const timer = setInterval(() => look().catch(() => mb.push('?')), 60_000);
  return { mb, stop: () => clearInterval(timer) };
}

/** Of all that were handed in meanwhile, also those that ended later: from its coming until its evidence is kept, in ms, rising. */
function timesOf(home, sinceMs, untilMs) {
  const db = openEdgeStore(join(paths.edge(home.dir, FROM), 'edge.sqlite'));
  try {
    return db
      .prepare(
        `SELECT ended_ms - created_ms AS ms FROM outbox
         WHERE created_ms >= ? AND created_ms < ? AND outcome = 'delivered' ORDER BY ms`,
      )
      .all(sinceMs, untilMs)
      .map(({ ms }) => Number(ms));
  } finally {
    db.close();
  }
}

/** Of an edge's API, for `send`. */
export function whereTo(home) {
  const { httpPort: port } = home.nations.flatMap(({ members }) => members).find(({ id }) => id === FROM);
  const token = readFileSync(paths.secret(home.dir, FROM, 'http.token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { host: '127.0.0.1', port, method: 'POST', path: '/v1/referrals', headers };
}

/** With less to do than `fetch`: what hands in runs on the same cores. */
export function send(options, body) {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
      );
    });
    // A connection that was kept may end in the moment in which it is used again: then nothing of this one was read.
    asked.on('error', (error) => {
      if (asked.reusedSocket && error.code === 'ECONNRESET') send(options, body).then(resolve, reject);
      else reject(error);
    });
    asked.end(body);
  });
}
