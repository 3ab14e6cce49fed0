import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.js';

// For this package's own tests: real servers on free ports, which stay theirs while they are down, in folders that go away.

const BINARY = process.env.NATS_SERVER ?? 'nats-server';
// Debian's package puts it where only root looks.
const PATH = `${process.env.PATH}:/usr/sbin`;
const cleanups: (() => Promise<unknown>)[] = [];
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** For `afterEach` or `afterAll`: ends what was started since, last first. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export const onCleanUp = (cleanup: () => Promise<unknown>): number => cleanups.push(cleanup);

export class TestServer {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  log = '';
  #child: ChildProcess | undefined;

  constructor(name: string, folder: string, port: number) {
    this.name = name;
    this.folder = folder;
    this.port = port;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async configure(config: string): Promise<void> {
    await writeFile(join(this.folder, 'nats.conf'), config, { mode: 0o600 });
  }

  async start(): Promise<this> {
    const child = spawn(BINARY, ['-c', join(this.folder, 'nats.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH },
    });
    alive.add(child);
    child.on('exit', () => alive.delete(child));
    child.stderr.on('data', (text) => {
      this.log += text;
    });
    this.#child = child;
    while (!(await saysItsName(this.port, this.name))) {
      if (child.exitCode !== null) throw new Error(`nats-server did not start: ${this.log}`);
      await delay(20);
    }
    return this;
  }

  /** SIGKILL: the server has no chance to write anything. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGSTOP, until it is so: on a busy machine some of its threads work on for a while. */
  async freeze(): Promise<void> {
    this.signal('SIGSTOP');
    while (!(await standsStill(this.#child?.pid ?? 0))) await delay(20);
  }
}

/** A server whose configuration is made from a folder and free ports; started unless another process took a port. */
export async function startServer(
  make: (name: string, folder: string, ports: readonly number[]) => string,
): Promise<TestServer & { readonly ports: readonly number[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts(3);
    const folder = await mkdtemp(join(tmpdir(), 'entente-bus-'));
    const name = `test-${randomBytes(8).toString('hex')}`;
    const server = Object.assign(new TestServer(name, folder, ports[0] ?? 0), { ports });
    onCleanUp(async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    });
    await server.configure(make(name, folder, ports));
    try {
      return await server.start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Whether all threads of a process are stopped, where the system shows that in files. */
async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = threads.map(async (thread) =>
    /\) [TXZ] /.test(await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ') X ')),
  );
  return (await Promise.all(states)).every(Boolean);
}

// Another test's server may listen where ours should: it says another name.
function saysItsName(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (info) => {
      socket.destroy();
      resolve(info.includes(`"server_name":"${name}"`));
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}
