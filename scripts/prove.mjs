// `npm run prove -- [--nation XX] [--count N | --share 0.01] [--from N]`: decides requests of each pack's space on all cores
// and checks the named statements over all that pass. A count is spread over the space by its strata; a share is taken of
// the whole space, every n-th of it. `--whole [--days 3] [--statement "victim"]`: all requests of the last days, case by case.
// Exit code 1: a statement is broken, or what has to pass does not.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { say, setUp } from './setup.mjs';

const BATCH = 2000;

// Built by `setUp`, so not before it; a worker starts after that.
if (isMainThread) await setUp();
const { loadPack, packsDir } = await import('../packages/policy/dist/index.js');
const { findMissing, prove, proveDay, STATEMENTS, spaceOf } = await import(
  '../packages/policy/dist/space/index.js'
);

if (isMainThread) await main();
else work(workerData);

async function main() {
  const { values } = parseArgs({
    options: {
      nation: { type: 'string' },
      count: { type: 'string', default: '100000' },
      share: { type: 'string' },
      from: { type: 'string', default: '0' },
      whole: { type: 'boolean', default: false },
      days: { type: 'string', default: '1' },
      statement: { type: 'string', default: '' },
    },
  });
  const prove = values.whole ? proveWhole : proveNation;
  for (const nation of values.nation ? [values.nation] : nationsOf()) await prove(nation, values);
}

function nationsOf() {
  return readdirSync(packsDir)
    .filter((name) => /^[a-z]{2}$/.test(name))
    .map((name) => name.toUpperCase());
}

async function proveNation(nation, { count, share, from }) {
  const pack = loadPack(packsDir, nation);
  const space = spaceOf(pack);
  const step = share === undefined ? null : BigInt(Math.max(1, Math.round(1 / Number(share))));
  const total = step === null ? Number(count) : Number(space.size / step);
  say(`${nation}: ${space.size} requests on ${space.days.length} days; deciding ${total}`);
  const start = performance.now();
  const proofs = await shareOut({ nation, step: step?.toString(), first: Number(from), total });
  const seconds = (performance.now() - start) / 1000;
  const sum = (of) => proofs.reduce((total, proof) => total + of(proof), 0);
  const decided = sum((proof) => proof.decided);
  console.log(
    `${nation}: ${decided} requests decided in ${seconds.toFixed(1)} s (${Math.round(decided / seconds)}/s on ${availableParallelism()} cores): ` +
      `${sum(({ counts }) => counts.permit)} permitted, ${sum(({ counts }) => counts.refuse)} refused, ${sum(({ counts }) => counts.hold)} held; ` +
      `${STATEMENTS.length} statements over all that pass`,
  );
  const broken = new Map(proofs.flatMap((proof) => proof.broken.map((one) => [one.statement, one.example])));
  for (const [statement, example] of broken) console.log(`  BROKEN: ${statement}\n    ${example}`);
  const missing = findMissing(pack, space);
  for (const name of missing) console.log(`  NOTHING SHOWS: ${name}`);
  if (broken.size + missing.length > 0) process.exitCode = 1;
}

/** The usual day, on which all rows that have not ended are in force, and those before it on which anything changes. */
function proveWhole(nation, { days, statement }) {
  const pack = loadPack(packsDir, nation);
  const space = spaceOf(pack);
  const chosen = space.days.filter((day) => day <= space.usualDay).slice(-Number(days));
  for (const one of STATEMENTS.filter(({ name }) => name.includes(statement))) {
    const start = performance.now();
    const proofs = chosen.map((day) => proveDay(pack, space, day, [one]));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const requests = proofs.reduce((sum, proof) => sum + proof.requests, 0n);
    const cases = proofs.reduce((sum, proof) => sum + proof.cases, 0);
    const [broken] = proofs.flatMap((proof) => proof.broken);
    console.log(
      `${nation}: ${broken ? 'BROKEN' : 'holds'}: ${one.name}: ${requests} requests in ${cases} cases, ${seconds} s`,
    );
    if (!broken) continue;
    console.log(`    ${JSON.stringify(broken.point)}`);
    process.exitCode = 1;
  }
}

/** Each worker asks for the next batch when it is done with one. */
async function shareOut({ first, total, ...task }) {
  const proofs = [];
  let next = 0;
  let said = 0;
  const workers = Array.from({ length: Math.min(availableParallelism(), Math.ceil(total / BATCH)) }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', resolve);
      worker.on('message', (proof) => {
        if (proof) proofs.push(proof);
        const to = Math.min(total, next + BATCH);
        worker.postMessage(next < total ? [first + next, first + to] : null);
        next = to;
        const tenths = Math.floor((10 * next) / total);
        if (tenths > said) say(`  ${tenths}0 %`);
        said = tenths;
      });
    });
  });
  await Promise.all(workers);
  return proofs;
}

function work({ nation, step }) {
  const pack = loadPack(packsDir, nation);
  const space = spaceOf(pack);
  const point = step
    ? (index) => space.at((BigInt(index) * BigInt(step)) % space.size)
    : (index) => space.sample(index);
  parentPort.on('message', (batch) => {
    if (batch === null) return parentPort.close();
    parentPort.postMessage(prove(pack, space, series(batch, point)));
  });
  parentPort.postMessage(null);
}

function* series([from, to], point) {
  for (let index = from; index < to; index++) yield point(index);
}
