// `npm run fault -- --seeds N [--from S] [--messages M]`: breaks a network on this machine in N ways that follow from their seeds, and
// looks for what was lost. Seeds from 1001 on draw from all faults, those below from faults of processes and stores. Results stay in
// `fault-results.jsonl`; a seed that has its result there is not run again.
// `npm run fault -- surroundings`: clocks, disks and lines, one after the other.
// `npm run fault -- ledger --points N --seed S`: kills a ledger at N points that follow from the seed, and looks for every entry
// that it had acknowledged.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runApart } from './apart.mjs';
import { root, say, setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    points: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1001' },
    messages: { type: 'string', default: '500' },
  },
});
const natsServer = await setUp();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
if (positionals[0] === 'ledger') {
  say(`${values.points} points, seed ${values.seed}`);
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'services/ledger/src/crash.test.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, LEDGER_POINTS: values.points, LEDGER_SEED: values.seed },
  });
  process.exit(status ?? 1);
}
const run = (file, env) => {
  const command = [process.execPath, vitest, 'run', '--root', root, file];
  const { status, hasDisks } = runApart(command, { NATS_SERVER: natsServer, ...env }, { asAnybody: true });
  if (!hasDisks) say('skipped: full disks, as nothing can be mounted here (unshare)');
  return status;
};
if (positionals[0] === 'surroundings')
  process.exit(run('test/fault/surroundings.test.ts', { FAULT_SURROUNDINGS: 'all' }));
const results = join(root, 'fault-results.jsonl');
const read = () =>
  existsSync(results)
    ? readFileSync(results, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
const isResult = ({ error }) => error === undefined;
// What ended without a result is run again.
const done = new Set(
  read()
    .filter(isResult)
    .map(({ seed }) => seed),
);
const asked = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.from) + i);
const left = asked.filter((seed) => !done.has(seed));
say(
  `${left.length} of ${asked.length} seeds from ${values.from} on, ${values.messages} messages each; results in ${results}`,
);
const env = { FAULT_SEEDS: left.join(','), FAULT_MESSAGES: values.messages, FAULT_RESULTS: results };
process.exitCode = left.length > 0 ? run('test/fault/seeds.test.ts', env) : 0;

const all = read();
const found = all.filter(isResult);
const ended = new Set(found.map(({ seed }) => seed));
const without = new Set(all.map(({ seed }) => seed).filter((seed) => !ended.has(seed)));
const sum = (count) => found.reduce((sofar, one) => sofar + count(one), 0);
const isBad = ({ losses, logs, disagreements }) => losses.length + logs.length + disagreements.length > 0;
if (found.some(isBad) || without.size > 0) process.exitCode = 1;
const times = found.map(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b);
console.log(
  `${found.length} seeds, ${sum(({ messages }) => messages)} referrals: ${sum(({ losses }) => losses.length)} not as promised, ` +
    `${sum(({ logs }) => logs.length)} faults in logs, ${sum(({ disagreements }) => disagreements.length)} disagreements; ` +
    `recovered after ${times[Math.floor(times.length / 2)]} ms (median), ${times.at(-1)} ms (longest); ` +
    `${without.size} without a result${without.size > 0 ? `: ${[...without].join(', ')}` : ''}`,
);
