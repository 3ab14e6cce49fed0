// Whether a referral costs more where there is more of everything: nations, members of a nation, cases in the stores of both ends.
// Each axis is measured for itself, its smallest size first and again last, so that what the machine does meanwhile shows.
// `AXES=nations,members,cases npm run bench -- growth`. A million cases take 30 GB in the folder for temporary files.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { paths, startNetwork } from '@entente/cli';
import { measureDesk } from './ask-desk.mjs';
import { fillStores, keepSample } from './fill-stores.mjs';
import { judgeGrowth } from './judge-growth.mjs';
import { measureFloor } from './limits.mjs';
import { counted, natsCpu, round } from './load.mjs';
import { makeLarge } from './make-large.mjs';
import { FROM, load, TO } from './measure-flow.mjs';

const AXES = (process.env.AXES ?? 'nations,members,cases').split(',');
const REFERRALS = Number(process.env.REFERRALS ?? 3000);
/** Well below what the machine can do: here a referral waits for no other. */
const CALM = { rate: 10, referrals: Number(process.env.CALM ?? 300) };
const SETTLE_MS = 5000;
const REST_MS = 15_000;

const MEASURE = {
  nations: (sizes = [3, 10, 30, 3]) =>
    each('nations', sizes, (nations) => measureSize({ nations, members: 10 })),
  members: (sizes = [10, 1000, 10]) =>
    each('members', sizes, (members) => measureSize({ nations: 3, members })),
  cases: (sizes = [10_000, 1_000_000, 10_000]) => measureCases(sizes),
};

export async function measure() {
  const sizes = process.env.SIZES?.split(',').map(Number);
  const rows = [];
  for (const axis of AXES) rows.push(...(await MEASURE[axis](sizes)));
  return rows;
}

/** @returns a row for each size; then one for each figure of the larger ones, beside those of the smallest */
async function each(name, sizes, measureOne) {
  const rows = [];
  for (const [i, size] of sizes.entries()) {
    const again = sizes.indexOf(size) < i ? ', again' : '';
    rows.push({ what: `${size.toLocaleString('en')} ${name}${again}`, ...(await measureOne(size)) });
    console.error(JSON.stringify(rows.at(-1)));
  }
  return [...rows, ...judgeGrowth(name, rows, sizes)];
}

async function measureSize(size) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  try {
    return await measureHome(await makeLarge(dir, size));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measureCases(sizes) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  try {
    const home = await makeLarge(dir, { nations: 3, members: 10 });
    const sample = await keepSample(home, () => startSome(home));
    return await each('cases', sizes, async (cases) => {
      const stores = await fillStores(sample, cases);
      return { ...(await measureHome(home, measureDesk)), ...stores };
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** At the highest rate; then, calmly, how long one takes; then whatever else is to be measured there. */
export async function measureHome(home, more = async () => ({})) {
  const network = await startSome(home);
  try {
    // What the same work costs now: on a machine that does other things, everything costs more.
    const { cpuMs } = await measureFloor(2);
    const rest = await measureRest(home, network);
    const before = network.elsewhereCpu();
    const full = await load(home, network, { referrals: REFERRALS });
    const elsewhere = (network.elsewhereCpu() - before) / (REFERRALS * 1.5);
    console.error(JSON.stringify({ ...rest, ...full, floor: round(cpuMs) }));
    const calm = await load(home, network, CALM);
    const { perSecond, 'cpu all': all, ...others } = full;
    const byProcess = Object.entries(others).filter(([name]) =>
      /^(cpu|mb) .*(gate|ledger|hotline|isp|nats)/.test(name),
    );
    return {
      perSecond,
      'cpu all': all,
      'cpu of its cryptography alone': round(cpuMs),
      'mb all': byProcess.reduce((sum, [name, mb]) => sum + (name.startsWith('mb ') ? mb : 0), 0),
      ...Object.fromEntries(byProcess),
      'cpu nats elsewhere': round(elsewhere * 1000),
      ...rest,
      'calm cpu all': calm['cpu all'],
      'calm p50': calm.p50,
      'calm p99': calm.p99,
      ...(await more(home)),
    };
  } finally {
    await network.stop();
  }
}

/** With nothing to do: what looks at something every second or so. @returns processor time in milliseconds a second */
export async function measureRest(home, network) {
  await delay(SETTLE_MS);
  const all = async () => [
    natsCpu(network),
    (await counted(home, 'gate.de')).cpu,
    (await counted(home, FROM)).cpu,
  ];
  const before = await all();
  await delay(REST_MS);
  const spent = (await all()).map((after, i) => Math.round(((after - before[i]) * 1e6) / REST_MS));
  return { 'rest nats': spent[0], 'rest gate.de': spent[1], [`rest ${FROM}`]: spent[2] };
}

/**
 * What a referral passes; and of all other nations the NATS servers, joined to the interconnect. Their gates, ledgers and edges
 * stand in the directory and do not run: of thirty nations they would be 120 processes on the cores that are measured.
 */
export async function startSome(home) {
  const running = home.nations
    .filter(({ code }) => ['DE', 'FR'].includes(code))
    .map((nation) => ({ ...nation, members: nation.members.filter(({ id }) => [FROM, TO].includes(id)) }));
  const network = await startNetwork({ ...home, nations: running });
  const elsewhere = home.nations
    .filter(({ code }) => !running.some((nation) => nation.code === code))
    .map(({ code, natsPort }) => {
      const args = ['-c', paths.natsConfig(home.dir, code)];
      const child = spawn(process.env.NATS_SERVER ?? 'nats-server', args, { stdio: 'ignore' });
      return { name: `nats.${code.toLowerCase()}`, port: natsPort, child };
    });
  const killAll = () => {
    for (const { child } of elsewhere) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  await Promise.all(elsewhere.map(({ port }) => untilOpen(port)));
  const pids = Object.fromEntries(elsewhere.map(({ name, child }) => [name, child.pid]));
  return {
    ...network,
    elsewhereCpu: () => natsCpu({ pids: () => pids }),
    stop: async () => {
      killAll();
      process.off('exit', killAll);
      await network.stop();
    },
  };
}

async function untilOpen(port) {
  const isOpen = () =>
    new Promise((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  while (!(await isOpen())) await delay(50);
}
