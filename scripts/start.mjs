// `npm start`: sets up what is missing, then runs a network of three nations and sends the example reports.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const given = process.argv.slice(2);
const natsServer = await setUp();
const input = given.includes('--input') ? [] : ['--input', join(root, 'examples')];
// Off a terminal nobody can end it with Ctrl-C.
const once = given.includes('--once') || process.stdout.isTTY ? [] : ['--once'];
const cli = join(root, 'services', 'cli', 'bin', 'entente.js');
const child = spawn(process.execPath, [cli, 'up', ...input, ...once, ...given], {
  stdio: 'inherit',
  env: { ...process.env, NATS_SERVER: natsServer },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
