import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { examine, type Patient } from '../doctor/examine.js';
import type { Finding } from '../doctor/finding.js';
import { mergeFindings } from '../doctor/merge-findings.js';
import { readHome } from '../network/home.js';
import { processSpecs } from '../network/specs.js';
import { print, table } from '../print.js';
import { readNamed } from '../read-named.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

type Choice = HomeOptions & { readonly env?: readonly string[]; readonly all?: boolean };

const LEAST_NODE = [20, 19] as const;
/** As systemd reads it. What is for Node.js stands in the same file (`NODE_EXTRA_CA_CERTS`); a setting of ours without its prefix is a mistake. */
const LINE = /^\s*((?:ENTENTE|OTEL|NODE)_\w+)\s*=\s*(.*?)\s*$/;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'Look at all that services need: settings, files and their rights, servers and versions, directory, keys, pack, health, the way to each counterpart.',
    )
    .option(...HOME_OPTION)
    .option(
      '--env <file...>',
      "instead of --home: services' environment files, lines of ENTENTE_NAME=value; each service is asked whether it can use its own",
    )
    .option('--all', 'also say what is as it should be')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente doctor --home .entente\n  entente doctor --env /etc/entente/gate.env /etc/entente/ledger.env\n\nExit code 0: nothing is bad; 1: something is. Run it as the user of the service, else its secrets cannot be read.',
    )
    .action(run);
}

async function run(options: Choice): Promise<void> {
  const patients = options.env ? options.env.map(patientOf) : patientsAt(options.home);
  const findings = [nodeVersion()];
  const beside = patients.find(({ settings }) => settings.ANCHORS_FILE?.startsWith('/'))?.settings;
  for (const patient of patients) findings.push(...(await examine(patient, Date.now(), beside)));
  const told = mergeFindings(findings);
  const bad = told.filter(({ state }) => state === 'bad').length;
  const warnings = told.filter(({ state }) => state === 'warning').length;
  print(options, { findings }, () => [
    ...table(
      told
        .filter(({ state }) => options.all === true || state !== 'ok')
        .map(({ state, service, what, detail }) => [state.toUpperCase(), service, what, detail]),
    ),
    `${findings.length} looked at: ${bad} bad, ${warnings} to be watched`,
  ]);
  if (bad > 0) throw new AnswerIsNo();
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]);
  const detail = `Node.js ${process.versions.node}${isOld ? `: ${LEAST_NODE.join('.')} is the oldest that works` : ''}`;
  return { service: 'this machine', what: 'Node.js', state: isOld ? 'bad' : 'ok', detail };
}

/** Services, which say when they are ready. The program of the server is not asked for: what runs is. */
function patientsAt(home: string): Patient[] {
  return processSpecs(readHome(resolve(home)), 'nats-server')
    .flat()
    .filter(({ ready }) => ready === 'message')
    .map(({ name, env }) => ({ name, settings: withoutPrefix(env) }));
}

function patientOf(file: string): Patient {
  const lines = readNamed(resolve(file)).toString('utf8').split(/\r?\n/);
  const entries = lines.flatMap((line, i) => {
    if (/^\s*([#;].*)?$/.test(line)) return [];
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`${file}, line ${i + 1}: this is not like ENTENTE_NAME=value.`);
    return [[name, value.replace(/^(["'])(.*)\1$/, '$2')] as const];
  });
  const written = Object.fromEntries(entries);
  return { name: basename(file, '.env'), settings: withoutPrefix(written), written };
}

function withoutPrefix(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name.replace(/^ENTENTE_/, ''), value]),
  );
}
