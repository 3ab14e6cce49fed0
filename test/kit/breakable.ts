import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NetworkHome, paths } from '@entente/cli';
import { type Line, openLine } from './line.js';
import { startTestNetwork, type TestNetwork } from './network.js';
import { hasSmallDisks, mountSmallDisk, type SmallDisk } from './small-disk.js';

/** A network between whose processes and their machine stands what can be broken. */
export interface BreakableNetwork extends TestNetwork {
  /** From each service to its nation's server, by the service's name; and from each nation's server to the interconnect, by the server's. */
  readonly line: (name: string) => Line;
  /** Under each edge and ledger, and under each nation's server; undefined where nothing can be mounted. */
  readonly disk: (name: string) => SmallDisk | undefined;
  /** Sets the clock of a service; 0: the true time. */
  readonly shiftClock: (name: string, byMs: number) => void;
}

const PRELOAD = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));
const DISK_BYTES = 96 * 1024 * 1024;

export async function startBreakableNetwork(): Promise<BreakableNetwork> {
  const lines = new Map<string, Line>();
  const disks = new Map<string, SmallDisk>();
  const clockFile = (home: NetworkHome, name: string) => join(home.dir, `clock.${name}`);
  const net = await startTestNetwork(
    undefined,
    [],
    async (home) => {
      await openLines(home, lines);
      if (hasSmallDisks)
        for (const [name, dir] of foldersOf(home)) disks.set(name, mountSmallDisk(dir, DISK_BYTES));
      return (spec) => {
        const line = lines.get(spec.name);
        if (!line || spec.ready !== 'message') return spec;
        writeFileSync(clockFile(home, spec.name), '0');
        const clock = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFTED_CLOCK_FILE: clockFile(home, spec.name) };
        const ENTENTE_NATS_URL = `nats://127.0.0.1:${line.port}`;
        return { ...spec, env: { ...spec.env, ...clock, ENTENTE_NATS_URL } };
      };
    },
    () => disks.forEach((disk) => void disk.unmount()),
  );
  const lineOf = (name: string): Line => {
    const line = lines.get(name);
    if (!line) throw new Error(`there is no line of ${name}`);
    return line;
  };
  return {
    ...net,
    line: lineOf,
    disk: (name) => disks.get(name),
    shiftClock: (name, byMs) => {
      writeFileSync(clockFile(net.home, name), String(byMs));
      process.kill(net.network.pids()[name] ?? 0, 'SIGUSR2');
    },
    stop: async () => {
      await net.stop();
      for (const line of lines.values()) line.close();
    },
  };
}

export const servicesOf = ({ code, members }: NetworkHome['nations'][number]): string[] => [
  `ledger.${code.toLowerCase()}`,
  `gate.${code.toLowerCase()}`,
  ...members.map(({ id }) => id),
];

async function openLines(home: NetworkHome, lines: Map<string, Line>): Promise<void> {
  for (const nation of home.nations) {
    for (const name of servicesOf(nation)) lines.set(name, await openLine(nation.natsPort));
    const leaf = await openLine(home.interconnect.leafPort);
    lines.set(`nats.${nation.code.toLowerCase()}`, leaf);
    const file = paths.natsConfig(home.dir, nation.code);
    const text = readFileSync(file, 'utf8');
    const led = text.replace(`@127.0.0.1:${home.interconnect.leafPort}`, `@127.0.0.1:${leaf.port}`);
    if (led === text) throw new Error(`${file} does not name the interconnect`);
    writeFileSync(file, led);
  }
}

function foldersOf({ dir, nations }: NetworkHome): (readonly [string, string])[] {
  return nations.flatMap(({ code, members }) => [
    [`ledger.${code.toLowerCase()}`, paths.ledger(dir, code)] as const,
    [`nats.${code.toLowerCase()}`, join(paths.nation(dir, code), 'nats')] as const,
    ...members.map(({ id }) => [id, paths.edge(dir, id)] as const),
  ]);
}
