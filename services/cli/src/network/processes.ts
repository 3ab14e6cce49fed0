import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** A service says itself when it is ready; of a server, the port tells. */
  readonly ready: 'message' | { readonly port: number };
}

export interface RunningProcess {
  readonly name: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone, whoever ended it. */
  readonly gone: Promise<void>;
  /** SIGTERM, then SIGKILL when its time is over. Resolves when the process is gone. */
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

/** On a busy machine two dozen processes start one beside the other. */
const READY_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 12_000;

/** Where this process is told to send its traces, its services send theirs. */
function tracingOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_')));
}

/** Starts a process and waits until it works. Its output goes to its log file. */
export async function startProcess(
  spec: ProcessSpec,
  onSpawn: (child: ChildProcess) => void,
): Promise<RunningProcess> {
  // Whoever answers there would be taken for this process.
  if (spec.ready !== 'message' && (await canConnect(spec.ready.port)))
    throw new Error(
      `${spec.name} needs port ${spec.ready.port} of this machine, which another process has: end that one first.`,
    );
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, spec.args, {
    env: { PATH: process.env.PATH ?? '', ...tracingOf(process.env), ...spec.env },
    stdio: spec.ready === 'message' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  });
  // The child has its own.
  closeSync(log);
  onSpawn(child);
  const gone = new Promise<void>((resolve) =>
    child.once('exit', (code, signal) => {
      appendFileSync(spec.logFile, `${JSON.stringify({ message: 'the process ended', code, signal })}\n`);
      resolve();
    }),
  );
  const failed = gone.then(() => {
    throw new Error(
      `${spec.name} ended before it was ready. Its log, ${spec.logFile}, ends with:\n${tail(spec.logFile)}`,
    );
  });
  const spawned = new Promise<never>((_, reject) => child.once('error', reject));
  const ready =
    spec.ready === 'message' ? readyMessage(child) : portOpen(spec.ready.port, () => child.exitCode !== null);
  const given = new AbortController();
  const late = delay(READY_WITHIN_MS, undefined, { signal: given.signal }).then(() => {
    child.kill('SIGKILL');
    throw new Error(
      `${spec.name} was not ready within ${READY_WITHIN_MS / 1000} s. Its log, ${spec.logFile}, ends with:\n${tail(spec.logFile)}`,
    );
  });
  failed.catch(() => undefined);
  late.catch(() => undefined);
  await Promise.race([ready, failed, spawned, late]).finally(() => given.abort());
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return {
    name: spec.name,
    child,
    gone,
    kill,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

function readyMessage(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('message', () => resolve()));
}

async function portOpen(port: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if (await canConnect(port)) return;
    await delay(50);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
}
