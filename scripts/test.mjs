// `npm test`: sets up what is missing, then runs every test. Further words go to Vitest, for example a folder.
import { join } from 'node:path';
import { runApart } from './apart.mjs';
import { root, say, setUp } from './setup.mjs';

const natsServer = await setUp();
say('testing');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const command = [process.execPath, vitest, 'run', '--root', root, ...process.argv.slice(2)];
const { status, hasDisks } = runApart(command, { NATS_SERVER: natsServer }, { asAnybody: false });
if (!hasDisks)
  say(
    'skipped: full disks, which need root and the right to mount (npm run fault -- surroundings does it by a user namespace)',
  );
process.exitCode = status;
