// Finds the nats-server that everything here runs on, or installs Debian's package. Says what it does on stderr.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const OLDEST = [2, 9];
const NAME = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/**
 * The path of a nats-server of version 2.9 or newer: what NATS_SERVER names, else from the PATH or /usr/sbin, else
 * newly installed where that needs no question (Debian or Ubuntu, as root). Otherwise it says how to install one
 * and ends the process with status 1.
 */
export function findNatsServer() {
  const named = process.env.NATS_SERVER;
  if (named) return usable(named) ? named : giveUp(`NATS_SERVER is ${named}: ${whyNot(named)}.`);
  const found = candidates().find(usable);
  if (found) return found;
  if (!canInstall()) giveUp('There is no nats-server of version 2.9 or newer on this machine.');
  install();
  return candidates().find(usable) ?? giveUp('The installed nats-server is older than 2.9.');
}

function candidates() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.filter((folder) => folder !== '').map((folder) => join(folder, NAME));
}

const usable = (path) => isExecutable(path) && isNewEnough(path);

const whyNot = (path) =>
  isExecutable(path) ? 'not a nats-server of version 2.9 or newer' : 'no such program';

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isNewEnough(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const [, major, minor] = /^nats-server: v(\d+)\.(\d+)\./.exec(stdout ?? '') ?? [];
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

function canInstall() {
  return isDebian() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

function isDebian() {
  try {
    const { groups } =
      /^ID(?:_LIKE)?=.*\b(?<id>debian|ubuntu)\b/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? {};
    return groups !== undefined;
  } catch {
    return false;
  }
}

function install() {
  say('There is no nats-server here. Installing the package of this system (apt-get install nats-server).');
  // Without a fresh list the old one may still do.
  aptGet('update');
  if (!aptGet('install', '-y', '--no-install-recommends', 'nats-server'))
    giveUp('apt-get could not install it.');
  // The package starts a server on port 4222. We need the program only.
  if (existsSync('/run/systemd/system')) run('systemctl', ['disable', '--now', 'nats-server.service']);
}

const aptGet = (...words) => run('apt-get', ['-q', ...words], { DEBIAN_FRONTEND: 'noninteractive' });

function run(program, words, env = {}) {
  const { status } = spawnSync(program, words, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  return status === 0;
}

function giveUp(reason) {
  say(`${reason}

Entente runs on nats-server 2.9 or newer. To install it:
  Debian, Ubuntu   sudo apt-get update && sudo apt-get install nats-server
                   (then, as its service is not needed: sudo systemctl disable --now nats-server)
  macOS            brew install nats-server
  others           https://nats.io/download/
If it is not on the PATH, say where it is: NATS_SERVER=/path/to/nats-server`);
  process.exit(1);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  say(findNatsServer());
}
