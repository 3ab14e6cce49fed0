import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkHome, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { openForReading } from '@entente/runtime';
import type { TestNetwork } from './network.js';

/** How many entries a nation's log has about messages: that somebody read or set something is logged whenever it happens. */
export function logSize(home: NetworkHome, nation: string): number {
  const database = openForReading(join(paths.ledger(home.dir, nation), 'ledger.sqlite'), LEDGER_SCHEMA);
  const rows = database.prepare('SELECT leaf FROM entry').all();
  database.close();
  const events = rows.map(({ leaf }) => wire.leaf.decode(leaf as Uint8Array).event);
  return events.filter((event) => !ABOUT_NO_MESSAGE.includes(event)).length;
}

const LEDGER_SCHEMA = 3;
const ABOUT_NO_MESSAGE = ['read', 'setting', 'access-anchor'];

/** The lines that a process has logged. */
export function logLines(home: NetworkHome, name: string): Record<string, unknown>[] {
  return readFileSync(paths.logFile(home.dir, name), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The ids of what a member has received. */
export async function received(net: TestNetwork, member: string): Promise<string[]> {
  return (await net.client(member).inbox()).messages.map(({ id }) => id);
}

/** The codes with which a member's edge refused what was delivered to it, newest first. */
export async function refusals(net: TestNetwork, member: string): Promise<string[]> {
  return (await net.client(member).refused()).refused.map(({ code }) => code);
}
