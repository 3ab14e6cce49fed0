import { resolve } from 'node:path';
import { askWithin } from '@entente/audit';
import type { Command } from 'commander';
import { type NetworkHome, readHome } from '../network/home.js';
import { print } from '../print.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface MonitorOptions extends HomeOptions {
  readonly nation: string;
}

interface AlarmsOptions extends MonitorOptions {
  readonly alarm?: string;
}

interface AckOptions extends MonitorOptions {
  readonly by: string;
  readonly why: string;
}

interface AlarmView {
  readonly id: number;
  readonly at: string;
  readonly origin: string;
  readonly kind: string;
  readonly detail: string;
  readonly notes: readonly string[];
  readonly notesLeftOut?: true;
  readonly acknowledged: { readonly at: string; readonly by: string; readonly why: string } | null;
}

const WITHIN_MS = 5000;
/** 500 alarms, each with checkpoints that whoever showed them may have made as large as he could. */
const MOST_BYTES = 256 * 1024 * 1024;

export function addMonitor(program: Command): void {
  const monitor = program
    .command('monitor')
    .description('What the monitor of a nation has raised alarm about.');
  monitor
    .command('alarms')
    .description('The alarms of a monitor, what is open first, with the evidence of each.')
    .requiredOption('--nation <code>', 'whose monitor')
    .option('--alarm <number>', 'this one alone, with all its evidence')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente monitor alarms --nation DE --home .entente')
    .action(list);
  monitor
    .command('ack')
    .description('Say that somebody has looked into an alarm, and what it was. Alarm and evidence stay.')
    .argument('<alarm>', 'its number, from "entente monitor alarms"')
    .requiredOption('--nation <code>', 'whose monitor')
    .requiredOption('--by <name>', 'who looked into it')
    .requiredOption('--why <text>', 'what came of it; in one line')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente monitor ack 3 --nation DE --by "A. Person" --why "a mirror that was restored, file 4/26" --home .entente',
    )
    .action(acknowledge);
}

async function list(options: AlarmsOptions): Promise<void> {
  const path = options.alarm === undefined ? '/alarms' : `/alarms?alarm=${numberOf(options.alarm)}`;
  const { alarms } = (await ask(options, path)) as { readonly alarms: readonly AlarmView[] };
  const none = options.alarm === undefined ? 'No alarms.' : `There is no alarm ${options.alarm}.`;
  print(options, { alarms }, () => (alarms.length === 0 ? [none] : alarms.flatMap(linesOf)));
}

function linesOf({ id, at, origin, kind, detail, notes, notesLeftOut, acknowledged }: AlarmView): string[] {
  const state = acknowledged
    ? `acknowledged ${acknowledged.at} by ${acknowledged.by}: ${acknowledged.why}`
    : 'OPEN';
  const signed = notes.length > 0 ? [`   ${notes.length} signed checkpoints: see --json`] : [];
  const more = notesLeftOut ? [`   signed checkpoints, too long for a list: see --alarm ${id} --json`] : [];
  return [`${id}  ${at}  ${kind}  ${origin}`, `   ${detail}`, ...signed, ...more, `   ${state}`];
}

async function acknowledge(text: string, options: AckOptions): Promise<void> {
  const body = JSON.stringify({ alarm: numberOf(text), by: options.by, why: options.why });
  const done = await ask(options, '/alarms/acknowledge', body);
  print(options, done, () => [`Alarm ${text} is acknowledged; it stays, with its evidence.`]);
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new Error(`${text} is no number of an alarm`);
  return Number(text);
}

async function ask(options: MonitorOptions, path: string, body?: string): Promise<object> {
  const url = `http://127.0.0.1:${portOf(readHome(resolve(options.home)), options.nation)}${path}`;
  const sent =
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const bounds = { withinMs: WITHIN_MS, maxBytes: MOST_BYTES };
  const said = await askWithin(url, sent, bounds).catch((cause: unknown) => {
    throw new Error(`the monitor of ${options.nation} does not answer: is it running?`, { cause });
  });
  if (!said.body) throw new Error(`the monitor of ${options.nation} says more than ${MOST_BYTES} bytes`);
  const answer = JSON.parse(said.body.toString('utf8')) as object & { readonly error?: string };
  if (!said.ok) throw new Error(answer.error ?? `the monitor answers ${said.status}`);
  return answer;
}

function portOf({ operationPorts = {} }: NetworkHome, nation: string): number {
  const port = operationPorts[`monitor.${nation.toLowerCase()}`];
  if (port === undefined) throw new Error(`there is no monitor of ${nation} here`);
  return port;
}
