// `npm run fault -- --seeds N [--from S] [--messages M]`: breaks a network on this machine in N ways that follow from their seeds, and
// looks for what was lost. Results stay in `fault-results.jsonl`; a seed that stands there is not run again.
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
    from: { type: 'string', default: '1' },
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
const results = join(root, 'fault-results.jsonl');
say(
  `seeds ${values.from} and the ${values.seeds} from there on, ${values.messages} messages each; results in ${results}`,
);
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/fault/seeds.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    NATS_SERVER: natsServer,
    FAULT_SEEDS: values.seeds,
    FAULT_FROM: values.from,
    FAULT_MESSAGES: values.messages,
    FAULT_RESULTS: results,
  },
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
process.exitCode = status ?? 1;
