import { readFileSync } from 'node:fs';
import { chooseLog, type LoggedEntry, type NetworkHome, paths, readLog } from '@entente/cli';
import { wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader } from '@entente/seal';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

/** How many entries a nation's log has about messages: that somebody read or set something is logged whenever it happens. */
export async function logSize(home: NetworkHome, nation: string): Promise<number> {
  const entries = await logEntries(home, nation);
  return entries.filter(({ leaf }) => !ABOUT_NO_MESSAGE.includes(leaf.event)).length;
}

/** What a nation's log holds, in its order, as auditors read it. */
export async function logEntries(home: NetworkHome, nation: string): Promise<LoggedEntry[]> {
  const entries: LoggedEntry[] = [];
  await readLog(chooseLog({ home: home.dir, nation }), (entry) => void entries.push(entry));
  return entries;
}

/** Those of one event, each with the header of the message that it is about. */
export async function logEntriesOf(home: NetworkHome, nation: string, event: string) {
  return (await logEntries(home, nation)).flatMap(({ record }) =>
    record?.event === event ? [{ record, header: readUnverifiedHeader(record.seal) }] : [],
  );
}

/** Until a nation's log has an entry about this message, whatever else is logged meanwhile. */
export async function untilLogged(home: NetworkHome, nation: string, envelope: Uint8Array): Promise<void> {
  const hash = messageHash(wire.envelope.decode(envelope).seal);
  await waitFor(`an entry of ${nation}`, async () => {
    const entries = await logEntries(home, nation);
    return entries.some(({ record }) => record && Buffer.from(record.messageHash).equals(hash)) || undefined;
  });
}

const ABOUT_NO_MESSAGE = ['read', 'setting', 'access-anchor'];

/** The lines that a process has logged, less one of which it has written a part only: it may be writing, or was killed while it did. */
export function logLines(home: NetworkHome, name: string): Record<string, unknown>[] {
  return readFileSync(paths.logFile(home.dir, name), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? unlessPart(line) : []));
}

function unlessPart(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** The ids of what a member has received. */
export async function received(net: TestNetwork, member: string): Promise<string[]> {
  return (await net.client(member).inbox()).messages.map(({ id }) => id);
}

/** The codes with which a member's edge refused what was delivered to it, newest first. */
export async function refusals(net: TestNetwork, member: string): Promise<string[]> {
  return (await net.client(member).refused()).refused.map(({ code }) => code);
}
