import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkHome, paths } from '@entente/cli';
import type { TestNetwork } from './network.js';

/** How many entries a nation's log has, by its own checkpoint. */
export function logSize(home: NetworkHome, nation: string): number {
  return Number(readFileSync(join(paths.log(home.dir, nation), 'checkpoint'), 'utf8').split('\n')[1]);
}

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
