import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type NetworkHome, paths } from '@entente/cli';
import { type BreakableNetwork, servicesOf } from './breakable.js';
import { cutLine, diskNote, fillDisk, shiftClock, slowLine } from './surroundings.js';

export type Random = () => number;

/** Something that breaks and is whole again when this resolves: everything runs, and nobody was told. */
export interface Fault {
  readonly name: string;
  readonly strike: (net: BreakableNetwork) => Promise<void>;
}

/** Longer than the acknowledgement wait of a consumer, so that others are given what the frozen one holds. */
const FROZEN_MS = 6500;

/** Seeds below this one draw from the faults of processes and of stores alone: they mean what they have always meant. */
export const SEEDS_OF_ALL = 1001;

/** One fault, or two at once; which, where and for how long follows from the numbers. */
export function drawFault(random: Random, home: NetworkHome, isOfAll: boolean): Fault {
  const first = drawOne(random, home, isOfAll);
  if (random() < 0.6) return first;
  const second = drawOne(random, home, isOfAll);
  // Both would stop and start the same process.
  if (second.on.some((name) => first.on.includes(name))) return first;
  return {
    name: `${first.name} and ${second.name}`,
    strike: async (net) => void (await Promise.all([first.strike(net), second.strike(net)])),
  };
}

type Struck = Fault & { readonly on: readonly string[] };

function drawOne(random: Random, home: NetworkHome, isOfAll: boolean): Struck {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const nation = pick(home.nations.map(({ code }) => code));
  const services = home.nations.flatMap(servicesOf);
  const nats = `nats.${nation.toLowerCase()}`;
  const [service, downMs] = [pick(services), Math.floor(random() * 3000)];
  const share = random();
  // There are fewer of them, and fewer seeds of them have run.
  const around = isOfAll ? surroundings(service, nats, share, downMs) : [];
  return pick<Struck>([
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
      strike: (net) => down(net, nats, downMs, loseAll),
    },
    { name: `a bit of ${nats} flipped`, on: [nats], strike: (net) => down(net, nats, downMs, flipIn(share)) },
    { name: `${nats} truncated`, on: [nats], strike: (net) => down(net, nats, downMs, cutIn(share)) },
    ...around,
    ...around,
  ]);
}

/** @param share decides between what can break in the same way */
function surroundings(service: string, nats: string, share: number, downMs: number): Struck[] {
  const hours = share < 0.5 ? 1 : -1;
  const withDisk = service.startsWith('gate.') ? service.replace('gate.', 'ledger.') : service;
  return [
    {
      name: `clock of ${service} ${hours > 0 ? '+' : '−'}1 h`,
      on: [service],
      strike: (net) => shiftClock(net, service, hours),
    },
    { name: `disk of ${withDisk} full${diskNote}`, on: [withDisk], strike: (net) => fillDisk(net, withDisk) },
    { name: `disk of ${nats} full${diskNote}`, on: [nats], strike: (net) => fillStore(net, nats) },
    { name: `slow line of ${service}`, on: [service], strike: (net) => slowLine(net, service) },
    { name: `${service} cut off`, on: [service], strike: (net) => cutLine(net, service, downMs + 3000) },
    { name: `leaf of ${nats} cut off`, on: [nats], strike: (net) => cutLine(net, nats, downMs + 3000) },
  ];
}

/** A server that cannot write switches JetStream off until it is started again. */
async function fillStore(net: BreakableNetwork, nats: string): Promise<void> {
  if (!net.disk(nats)) return;
  await fillDisk(net, nats);
  await down(net, nats, 0);
}

/** SIGKILL, and a start some time later; between the two its store can be harmed. */
async function down(
  { home, network }: BreakableNetwork,
  name: string,
  forMs: number,
  harm: (storeDir: string) => void = () => undefined,
): Promise<void> {
  await network.kill(name);
  if (name.startsWith('nats.')) harm(join(paths.nation(home.dir, name.slice(5)), 'nats'));
  await delay(forMs);
  await network.restart(name);
}

async function freeze({ network }: BreakableNetwork, name: string): Promise<void> {
  const pid = network.pids()[name] ?? 0;
  process.kill(pid, 'SIGSTOP');
  await delay(FROZEN_MS);
  process.kill(pid, 'SIGCONT');
}

/** The folder stays: a disk may be mounted there. */
function loseAll(storeDir: string): void {
  for (const name of readdirSync(storeDir)) rmSync(join(storeDir, name), { recursive: true, force: true });
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
