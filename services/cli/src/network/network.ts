import type { ChildProcess } from 'node:child_process';
import type { NetworkHome } from './home.js';
import { type ProcessSpec, type RunningProcess, startProcess } from './processes.js';
import { findNatsServer, processSpecs } from './specs.js';

export interface NetworkHooks {
  /** Before each stage is started. */
  readonly onProgress?: (what: string) => void;
  /** A process that was ready is gone, and nobody had stopped the network. */
  readonly onEnded?: (name: string, logFile: string) => void;
}

export interface Network {
  readonly home: NetworkHome;
  readonly names: readonly string[];
  /** Process ids by name, for whoever measures. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** SIGKILL: what a crash or a power cut does to one process. */
  readonly kill: (name: string) => Promise<void>;
  readonly restart: (name: string) => Promise<void>;
  /** Stops everything, in the opposite order. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts every process of a network on this machine, and waits until all of them work.
 * @param adapt how each process is started, for whoever puts something between it and the machine
 */
export async function startNetwork(
  home: NetworkHome,
  { onProgress, onEnded }: NetworkHooks = {},
  adapt: (spec: ProcessSpec) => ProcessSpec = (spec) => spec,
): Promise<Network> {
  const stages = processSpecs(home, findNatsServer()).map((stage) => stage.map(adapt));
  const specs = new Map(stages.flat().map((spec) => [spec.name, spec]));
  const running = new Map<string, RunningProcess>();
  const children = new Map<string, ChildProcess>();
  let isStopping = false;
  const start = async (spec: ProcessSpec) => {
    const started = await startProcess(spec, (child) => children.set(spec.name, child));
    running.set(spec.name, started);
    void started.gone.then(() => isStopping || onEnded?.(spec.name, spec.logFile));
  };
  // However this process ends, nothing of the network stays behind.
  const killAll = () => children.forEach((child) => void child.kill('SIGKILL'));
  process.once('exit', killAll);
  const stop = async () => {
    isStopping = true;
    for (const stage of [...stages].reverse())
      await Promise.all(stage.map(({ name }) => running.get(name)?.stop()));
    process.off('exit', killAll);
  };
  try {
    for (const stage of stages) {
      onProgress?.(stage.map(({ name }) => name).join(', '));
      const results = await Promise.allSettled(stage.map(start));
      const failure = results.find((result) => result.status === 'rejected');
      if (failure) throw failure.reason;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    home,
    names: [...specs.keys()],
    pids: () => Object.fromEntries([...children].map(([name, { pid = 0 }]) => [name, pid])),
    kill: async (name) => await running.get(name)?.kill(),
    restart: async (name) => {
      const spec = specs.get(name);
      if (!spec) throw new Error(`no process named ${name}`);
      await start(spec);
    },
    stop,
  };
}
