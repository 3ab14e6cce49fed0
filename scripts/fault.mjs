// `npm run fault -- --seeds N [--from S] [--messages M]`: breaks a network on this machine in N ways that follow from their seeds, and
// looks for what was lost. Seeds from 1001 on draw from all faults, those below from faults of processes and stores. Results stay in
// `fault-results.jsonl`; a seed that stands there is not run again.
// `npm run fault -- surroundings`: clocks, disks and lines, one after the other.
// `npm run fault -- ledger --points N --seed S`: kills a ledger at N points that follow from the seed, and looks for every entry
// that it had acknowledged.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
/** Small disks are mounted for a while: in a namespace of its own, which ends with the run, and only where that is allowed. */
function runApart(file, env) {
  const apart = [
    ['unshare', '-m'],
    ['unshare', '-rm'],
  ].find(
    ([command, flag]) => spawnSync(command, [flag, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
  );
  if (!apart) say('skipped: full disks, as nothing can be mounted here (unshare)');
  const [command, ...words] = [...(apart ?? []), process.execPath, vitest, 'run', file];
  const disks = apart ? { FAULT_DISKS: '1' } : {};
  const all = { ...process.env, NATS_SERVER: natsServer, ...disks, ...env };
  return spawnSync(command, words, { cwd: root, stdio: 'inherit', env: all }).status ?? 1;
}
if (positionals[0] === 'surroundings')
  process.exit(runApart('test/fault/surroundings.test.ts', { FAULT_SURROUNDINGS: 'all' }));
const results = join(root, 'fault-results.jsonl');
say(
  `seeds ${values.from} and the ${values.seeds} from there on, ${values.messages} messages each; results in ${results}`,
);
const status = runApart('test/fault/seeds.test.ts', {
  FAULT_SEEDS: values.seeds,
  FAULT_FROM: values.from,
  FAULT_MESSAGES: values.messages,
  FAULT_RESULTS: results,
});
const found = existsSync(results)
  ? readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
const sum = (count) => found.reduce((all, one) => all + count(one), 0);
const times = found.map(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b);
console.log(
  `${found.length} seeds, ${sum(({ messages }) => messages)} referrals: ${sum(({ losses }) => losses.length)} not as promised, ` +
    `${sum(({ logs }) => logs.length)} faults in logs, ${sum(({ disagreements }) => disagreements.length)} disagreements; ` +
    `recovered after ${times[Math.floor(times.length / 2)]} ms (median), ${times.at(-1)} ms (longest)`,
);
process.exitCode = status;
