import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ReportFile, readReports } from '../demo/read-reports.js';
import { runDemo } from '../demo/run-demo.js';
import { showResult, showSent } from '../demo/show-demo.js';
import { ensurePacks } from '../network/build-pack.js';
import { paths, readHome } from '../network/home.js';
import { lockHome } from '../network/lock-home.js';
import { ensureAuditorToken, makeHome } from '../network/make-home.js';
import { type Network, startNetwork } from '../network/network.js';
import { auditedPlan, clusterPlan } from '../network/plan.js';
import { jsonText, printLines, progress } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';

interface UpOptions {
  readonly home?: string;
  readonly input?: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly cluster?: boolean;
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description(
      'Start a network of nations on this machine: interconnect, and for DE, FR and NL a NATS server, a ledger, a gate and three edges, in DE a fourth one, of an auditor.',
    )
    .option(
      '--home <dir>',
      'folder of the network, in which one runs at a time; kept, and used again by the next start (default: a new temporary folder)',
    )
    .option(
      '--cluster',
      'with DE on three NATS servers, with two gates, and with a second ledger and a second edge of isp.de that take over',
    )
    .option('--input <dir>', 'send every report of this folder and check what became of it')
    .option('--once', 'end after that, instead of staying up')
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', '\nExample:\n  entente up --home .entente --input examples')
    .action(up);
}

async function up({ home: named, input, once, json, cluster = false }: UpOptions): Promise<void> {
  const reports = input === undefined ? [] : readReports(resolve(input));
  const dir = named === undefined ? mkdtempSync(join(tmpdir(), 'entente-')) : resolve(named);
  const turn = lockHome(dir);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ended.abort());
  try {
    const home = existsSync(paths.network(dir))
      ? readHome(dir)
      : await makeHome(dir, cluster ? clusterPlan() : auditedPlan(), Date.now());
    if (cluster && !home.nations.some((nation) => nation.cluster))
      throw new UsageError(`The network in ${dir} was made without a cluster. Name another folder.`);
    await ensurePacks(
      dir,
      home.nations.map(({ code }) => code),
    );
    for (const { code } of home.nations) await ensureAuditorToken(dir, code);
    const network = await startNetwork(home, {
      onProgress: (what) => progress(`starting ${what}`),
      onEnded: (name, logFile) => {
        // Ctrl-C reaches them as well.
        if (ended.signal.aborted) return;
        progress(
          `${name} has ended, and nothing starts it again: its log is ${logFile}. Ctrl-C and the same command start all again.`,
        );
      },
    });
    try {
      const ok = reports.length === 0 || (await sendAndShow(network, reports, json === true));
      if (!once && !ended.signal.aborted) await stay(dir, ended.signal);
      if (!ok) throw new AnswerIsNo();
    } finally {
      progress('stopping');
      await network.stop();
    }
  } finally {
    turn.release();
    if (named === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

async function sendAndShow(
  { home }: Network,
  reports: readonly ReportFile[],
  json: boolean,
): Promise<boolean> {
  progress(`sending ${reports.length} reports`);
  const result = await runDemo(home, reports, (sent) => {
    if (!json) printLines(['', ...showSent(sent)]);
  });
  printLines(json ? [jsonText(result)] : showResult(result));
  return result.ok;
}

async function stay(dir: string, signal: AbortSignal): Promise<void> {
  progress(
    '',
    'The network is up. Send a report from another terminal:',
    `  npx entente send examples/14-phishing-page-on-a-bakery-site.json --home ${dir}`,
    `  npx entente inbox --member isp.de --home ${dir}`,
    'End it with Ctrl-C.',
  );
  await new Promise<void>((done) => {
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      done();
    });
  });
}
