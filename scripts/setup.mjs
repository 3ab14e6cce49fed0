// What a fresh machine lacks: the dependencies, the built packages, nats-server. Everything is said on stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNatsServer } from './nats-server.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = [20, 19];

/** @returns the path of nats-server */
export async function setUp() {
  checkNode();
  installDependencies();
  build();
  return await findNatsServer();
}

/** Runs a command; its standard output goes to stderr, so that ours stays clean. Ends this process if it fails. */
export function run(command, args, why) {
  say(why);
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(`${why}: failed (${error?.message ?? signal ?? `exit code ${status}`})`);
  process.exit(1);
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  say(`Node.js ${process.versions.node} is too old: ${OLDEST_NODE.join('.')} or newer is needed.`);
  process.exit(1);
}

/** Once for each lock file: what is installed is marked with the lock file's hash. */
function installDependencies() {
  const mark = join(root, 'node_modules', '.installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  run(
    npm[0],
    [...npm[1], 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'installing the dependencies',
  );
  writeFileSync(mark, wanted);
}

function build() {
  run(
    process.execPath,
    [join(root, 'node_modules', 'turbo', 'bin', 'turbo'), 'run', 'build', '--output-logs=errors-only'],
    'building',
  );
}
