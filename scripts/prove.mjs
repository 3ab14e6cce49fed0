// `npm run prove -- [--nation XX] [--count N | --share 0.01] [--from N]`: decides requests of each pack's space on all cores
// and checks the named statements over all that pass. A count is spread over the space by its strata; a share is taken of
// the whole space, every n-th of it. `--whole [--days 1000] [--statement "victim"]`: all requests of the usual day, or of that many
// of the last days on which anything changes.
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
const { compareWithEngine, describe, findBreach, findMissing, partDay, prove, STATEMENTS, spaceOf } =
  await import('../packages/policy/dist/space/index.js');

if (isMainThread) await main();
else if (workerData.whole) workWhole(workerData);
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
  const proofs = await shareOut({
    task: { nation, step: step?.toString() },
    total,
    batch: BATCH,
    batchOf: (first, last) => [Number(from) + first, Number(from) + last],
  });
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

/** The usual day, on which all rows that have not ended are in force, and those before and after it on which anything changes. */
async function proveWhole(nation, { days, statement }) {
  const space = spaceOf(loadPack(packsDir, nation));
  const usual = space.days.indexOf(space.usualDay);
  const last = Math.max(usual + 1, Math.min(space.days.length, Number(days)));
  const chosen = space.days.slice(Math.max(0, last - Number(days)), last);
  const alike = new Map();
  for (const day of chosen) {
    const key = space.inForceOn(day);
    alike.set(key, [...(alike.get(key) ?? []), day]);
  }
  const start = performance.now();
  const proofs = await shareOut({
    task: { nation, statement, whole: true },
    total: alike.size,
    batch: 1,
    batchOf: (index) => [...alike.values()][index][0],
  });
  const seconds = (performance.now() - start) / 1000;
  const sum = (of) =>
    proofs.reduce(
      (total, proof) => total + of(proof) * BigInt(alike.get(space.inForceOn(proof.day)).length),
      0n,
    );
  console.log(
    `${nation}: ${power(sum((proof) => proof.requests))} requests on ${chosen.length} days, ${alike.size} of them different, in ${seconds.toFixed(1)} s ` +
      `on ${availableParallelism()} cores: ${power(sum((proof) => proof.permitted))} permitted, ${power(sum((proof) => proof.held))} held`,
  );
  for (const name of STATEMENTS.map((one) => one.name).filter((one) => one.includes(statement))) {
    const found = proofs.map((proof) => proof.statements.find((one) => one.name === name));
    const own = found.reduce((total, one) => total + one.seconds, 0).toFixed(1);
    const example = found.find((one) => one.example)?.example;
    console.log(`${nation}: ${example ? 'BROKEN' : 'holds'}: ${name} (${own} s)`);
    if (!example) continue;
    console.log(`    ${example}`);
    process.exitCode = 1;
  }
}

/** 1.32 · 10^32 */
function power(count) {
  const digits = count.toString();
  return digits.length < 7 ? digits : `${digits[0]}.${digits.slice(1, 3)} · 10^${digits.length - 1}`;
}

function workWhole({ nation, statement }) {
  const pack = loadPack(packsDir, nation);
  const space = spaceOf(pack);
  parentPort.on('message', (day) => {
    if (day === null) return parentPort.close();
    const parts = partDay(pack, space, day);
    compareWithEngine(pack, space, parts);
    const { count, all } = parts.measures;
    const statements = STATEMENTS.filter(({ name }) => name.includes(statement)).map((one) => {
      const start = performance.now();
      const point = findBreach(pack, space, parts, one);
      return {
        name: one.name,
        seconds: (performance.now() - start) / 1000,
        example: point && describe(space, point),
      };
    });
    parentPort.postMessage({
      day,
      requests: all,
      permitted: count(parts.regionOf('permit')),
      held: count(parts.regionOf('hold')),
      statements,
    });
  });
  parentPort.postMessage(null);
}

/** Each worker asks for the next batch when it is done with one. */
async function shareOut({ task, total, batch, batchOf }) {
  const proofs = [];
  let next = 0;
  let said = 0;
  const workers = Array.from({ length: Math.min(availableParallelism(), Math.ceil(total / batch)) }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', resolve);
      worker.on('message', (proof) => {
        if (proof) proofs.push(proof);
        const to = Math.min(total, next + batch);
        worker.postMessage(next < total ? batchOf(next, to) : null);
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
