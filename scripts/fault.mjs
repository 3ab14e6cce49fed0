// `npm run fault -- --seeds N [--from S] [--messages M]`: breaks a network on this machine in N ways that follow from their seeds, and
// looks for what was lost. Results stay in `fault-results.jsonl`; a seed that stands there is not run again.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, say, setUp } from './setup.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    messages: { type: 'string', default: '500' },
  },
});
const natsServer = await setUp();
const results = join(root, 'fault-results.jsonl');
say(
  `seeds ${values.from} and the ${values.seeds} from there on, ${values.messages} messages each; results in ${results}`,
);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
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
