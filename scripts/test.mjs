// `npm test`: sets up what is missing, then runs every test. Further words go to Vitest, for example a folder.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say, setUp } from './setup.mjs';

const natsServer = await setUp();
say('testing');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NATS_SERVER: natsServer },
});
process.exitCode = status ?? 1;
