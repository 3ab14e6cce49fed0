import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type NetworkHome, paths } from '@entente/cli';
import type { TestNetwork } from './network.js';

export type Random = () => number;

/** Something that breaks and is whole again when this resolves: everything runs, and nobody was told. */
export interface Fault {
  readonly name: string;
  readonly strike: (net: TestNetwork) => Promise<void>;
}

/** Longer than the acknowledgement wait of a consumer, so that others are given what the frozen one holds. */
const FROZEN_MS = 6500;

/** One fault, or two at once; which, where and for how long follows from the numbers. */
export function drawFault(random: Random, home: NetworkHome): Fault {
  const first = drawOne(random, home);
  if (random() < 0.6) return first;
  const second = drawOne(random, home);
  // Both would stop and start the same process.
  if (second.on.some((name) => first.on.includes(name))) return first;
  return {
    name: `${first.name} and ${second.name}`,
    strike: async (net) => void (await Promise.all([first.strike(net), second.strike(net)])),
  };
}

function drawOne(random: Random, home: NetworkHome): Fault & { readonly on: readonly string[] } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const nation = pick(home.nations.map(({ code }) => code));
  const services = home.nations.flatMap(({ code, members }) => [
    `ledger.${code.toLowerCase()}`,
    `gate.${code.toLowerCase()}`,
    ...members.map(({ id }) => id),
  ]);
  const nats = `nats.${nation.toLowerCase()}`;
  const [service, downMs] = [pick(services), Math.floor(random() * 3000)];
  const share = random();
  return pick([
    { name: `kill ${service}`, on: [service], strike: (net) => down(net, service, downMs) },
    { name: `kill ${nats}`, on: [nats], strike: (net) => down(net, nats, downMs) },
    {
      name: 'interconnect gone',
      on: ['interconnect'],
      strike: (net) => down(net, 'interconnect', downMs + 1000),
    },
    { name: `freeze ${service}`, on: [service], strike: (net) => freeze(net, service) },
    { name: `freeze ${nats}`, on: [nats], strike: (net) => freeze(net, nats) },
    {
      name: `all of ${nats} lost`,
      on: [nats],
      strike: (net) => down(net, nats, downMs, (dir) => rmSync(dir, { recursive: true, force: true })),
    },
    { name: `a bit of ${nats} flipped`, on: [nats], strike: (net) => down(net, nats, downMs, flipIn(share)) },
    { name: `${nats} truncated`, on: [nats], strike: (net) => down(net, nats, downMs, cutIn(share)) },
  ] satisfies (Fault & { on: string[] })[]);
}

/** SIGKILL, and a start some time later; between the two its store can be harmed. */
async function down(
  { home, network }: TestNetwork,
  name: string,
  forMs: number,
  harm: (storeDir: string) => void = () => undefined,
): Promise<void> {
  await network.kill(name);
  if (name.startsWith('nats.')) harm(join(paths.nation(home.dir, name.slice(5)), 'nats'));
  await delay(forMs);
  await network.restart(name);
}

async function freeze({ network }: TestNetwork, name: string): Promise<void> {
  const pid = network.pids()[name] ?? 0;
  process.kill(pid, 'SIGSTOP');
  await delay(FROZEN_MS);
  process.kill(pid, 'SIGCONT');
}

/** In one of the files that hold messages, at a place between 0 and 1. */
function flipIn(place: number) {
  return (storeDir: string): void => {
    const file = blockAt(storeDir, place);
    const bytes = file ? readFileSync(file) : Buffer.alloc(0);
    if (!file || bytes.length === 0) return;
    const at = Math.floor(bytes.length * place);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    writeFileSync(file, bytes);
  };
}

function cutIn(place: number) {
  return (storeDir: string): void => {
    const file = blockAt(storeDir, place);
    if (file) truncateSync(file, Math.floor(readFileSync(file).length * place));
  };
}

function blockAt(storeDir: string, place: number): string | undefined {
  const blocks = readdirSync(storeDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.blk'))
    .sort();
  const name = blocks[Math.floor(blocks.length * place)];
  return name && join(storeDir, name);
}
