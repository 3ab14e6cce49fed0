// `npm run mutate`: mutation testing of the policy package; `npm run mutate -- gate` of the gate. Further words go to Stryker, for
// example `--mutate services/gate/src/act.ts`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say, setUp } from './setup.mjs';

const [first = '', ...rest] = process.argv.slice(2);
const isGate = first === 'gate';
const words = isGate ? rest : process.argv.slice(2);
const natsServer = await setUp();
say(`mutating ${isGate ? 'the gate' : 'the policy package'}`);
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
const config = isGate ? 'stryker.gate.config.json' : 'stryker.config.json';
const { status } = spawnSync(process.execPath, [stryker, 'run', config, ...words], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NATS_SERVER: natsServer, ENTENTE_MUTATE: isGate ? 'gate' : 'policy' },
});
process.exitCode = status ?? 1;
