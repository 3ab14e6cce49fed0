import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

// Node cannot run TypeScript: the child is what the build has made of the same sources.
const CHILD = fileURLToPath(new URL('../dist/fixture/service-child.js', import.meta.url));
const children: ChildProcess[] = [];
const orphans: number[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const pid of orphans.filter(isAlive)) process.kill(pid, 'SIGKILL');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts the child; resolves when it has ended, with its exit code and the lines of its log. */
async function run(
  kind: string,
  whenReady: (child: ChildProcess) => void = () => undefined,
  env: Readonly<Record<string, string>> = {},
) {
  const child = fork(CHILD, [kind], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  child.on('message', (message) => {
    if ((message as { ready?: boolean }).ready) whenReady(child);
  });
  const out = text(child.stdout as never);
  const [[code, signal]] = await Promise.all([once(child, 'exit'), text(child.stderr as never)]);
  const log = (await out)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: number; message: string; err?: { message: string } });
  return { code, signal, log, messages: log.map(({ message }) => message) };
}

const FATAL = 60;
const ERROR = 50;
const levels = (log: readonly { level: number }[]) => log.map(({ level }) => level).filter((l) => l >= ERROR);

describe('runService', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s and ends with 0', async (signal) => {
    const { code, log, messages } = await run('good', (child) => child.kill(signal));
    expect(code).toBe(0);
    expect(messages).toEqual(['ready', 'stopping', 'stopped']);
    expect(levels(log)).toEqual([]);
  });

  test('stops once, however often it is told', async () => {
    const { code, messages } = await run('good', (child) => {
      child.kill('SIGTERM');
      child.kill('SIGINT');
      child.kill('SIGTERM');
    });
    expect(code).toBe(0);
    expect(messages.filter((message) => message === 'stopped')).toHaveLength(1);
  });

  test('stops when its parent is gone', async () => {
    const { code, messages } = await run('good', (child) => child.disconnect());
    expect([code, messages.at(-1)]).toEqual([0, 'stopped']);
  });

  test('leaves no process behind when its parent is killed, with nobody left to read its log', async () => {
    const script = `
      import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(CHILD)}, ['good'], { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      child.on('message', () => process.send(child.pid));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    children.push(parent);
    const [pid] = (await once(parent, 'message')) as [number];
    orphans.push(pid);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test.each(['cannot be created', 'cannot start'])('ends with 1 and says why when it %s', async (kind) => {
    const { code, log, messages } = await run(kind);
    expect(code).toBe(1);
    expect(levels(log)).toEqual([FATAL]);
    expect(messages).not.toContain('ready');
    expect(log.at(-1)?.err?.message).toMatch(/no such key|port taken/);
  });

  test('ends with 2 and every problem when it is not configured', async () => {
    const { code, log } = await run('is not configured');
    expect(code).toBe(2);
    expect(levels(log)).toEqual([FATAL]);
    expect(log.at(-1)?.err?.message).toMatch(/ENTENTE_TYPO.*\n.*ENTENTE_PORT/);
  });

  test('names with them what no other reader takes, and every file that is not there or cannot be read', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere.example',
      ENTENTE_KEY_FILE: `${CHILD}:/nowhere/a.key`,
      ENTENTE_LOGS_FILE: '/nowhere/logs.json',
      ENTENTE_ANCHORS_FILE: dirname(CHILD),
      ENTENTE_DATA_DIR: CHILD,
      ENTENTE_ARCHIVE_DIR: '/nowhere/archive',
      ENTENTE_WITNESS_KEY_FILE: 'none',
    };
    const { code, log } = await run('is not configured', undefined, env);
    expect(code).toBe(2);
    const problems = String(log.at(-1)?.err?.message).split('\n  - ').slice(1);
    expect(problems).toEqual([
      'ENTENTE_TYPO is not a setting of this service',
      'ENTENTE_PORT is missing',
      expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT must be'),
      'ENTENTE_KEY_FILE: /nowhere/a.key is not there',
      'ENTENTE_LOGS_FILE: /nowhere/logs.json is not there',
      `ENTENTE_ANCHORS_FILE: ${dirname(CHILD)} is no file`,
      `ENTENTE_DATA_DIR: ${CHILD} is no folder`,
    ]);
  });

  test('is asked about its settings without being started', () => {
    const ask = (kind: string) =>
      spawnSync(process.execPath, [CHILD, kind, '--check-settings'], { encoding: 'utf8', env: {} });
    const bad = ask('is not configured');
    expect([bad.status, JSON.parse(bad.stdout)]).toEqual([
      2,
      { settings: ['ENTENTE_TYPO is not a setting of this service', 'ENTENTE_PORT is missing'], files: [] },
    ]);
    const good = ask('good');
    expect([good.status, JSON.parse(good.stdout)]).toEqual([0, { settings: [], files: [] }]);
  });

  test.each(['throws later', 'rejects later'])('ends with 1 and a log line when it %s', async (kind) => {
    const { code, log } = await run(kind);
    expect(code).toBe(1);
    expect(levels(log)).toEqual([FATAL]);
    expect(log.at(-1)?.err?.message).toBe('nobody caught me');
  });

  test('says so when the stop fails, and ends all the same', async () => {
    const { code, log } = await run('cannot stop', (child) => child.kill('SIGTERM'));
    expect(code).toBe(0);
    expect(levels(log)).toEqual([ERROR]);
  });

  test('finishes its stop when what it was starting fails because of it', async () => {
    const { code, log, messages } = await run('fails to start because it is stopped');
    expect(code).toBe(0);
    expect(levels(log)).toEqual([]);
    expect(messages).toEqual(['stopping', 'stopped']);
  });

  test('can be stopped before it is created', async () => {
    const { code, messages } = await run('is told to stop while it is created');
    expect([code, messages]).toEqual([0, ['stopping']]);
  });
});
