import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Anchors, type Directory, loadAnchors, openDirectoryBundle } from '@entente/members';
import type { Command } from 'commander';
import { type Attested, attestEvidence } from '../evidence/attest-evidence.js';
import {
  type BesideFiles,
  readBeside,
  TSA_ROOTS_OPTION,
  WITNESS_POLICY_OPTION,
} from '../evidence/beside-options.js';
import { evidenceWords } from '../evidence/evidence-words.js';
import { decodeEvidence, verifyEvidence } from '../evidence/verify-evidence.js';
import { edgeClient } from '../network/edge-client.js';
import { type NetworkHome, paths, readHome } from '../network/home.js';
import { print } from '../print.js';
import { readNamed } from '../read-named.js';
import { AnswerIsNo } from '../usage.js';
import { writePrivate } from '../write-private.js';
import {
  ACTOR_WORDS,
  HOME_OPTION,
  type HomeOptions,
  JSON_OPTION,
  JUSTIFICATION_OPTION,
  type PersonOptions,
} from './options.js';

export function addEvidence(program: Command): void {
  const evidence = program.command('evidence').description('One file that lets a court check a case.');
  evidence
    .command('export')
    .description('Write all that a member can prove about one case into one file.')
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge to ask')
    .option('--actor <name>', ACTOR_WORDS)
    .option(...JUSTIFICATION_OPTION)
    .requiredOption('--out <file>', 'the file to write; only its owner can read it')
    .option('--open', 'with what was said: the file is then as confidential as the case')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente evidence export 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --out case.evidence --open',
    )
    .action(exportFile);
  evidence
    .command('verify')
    .description(
      'Check such a file with nothing but the trust anchors, and say in plain words what it proves.',
    )
    .argument('<file>', 'from "entente evidence export"')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .option(...WITNESS_POLICY_OPTION)
    .option(...TSA_ROOTS_OPTION)
    .option('--show', 'print what was said as well')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente evidence verify case.evidence --anchors .entente/anchors.json\n\nExit code 0: all of it holds; 1: each line that begins with "NO" says what does not.',
    )
    .action(verifyFile);
  evidence
    .command('attest')
    .description(
      'Add to such a file what witnesses and time stamp authorities have said since about the logs in it.',
    )
    .argument('<file>', 'from "entente evidence export"; written again')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .requiredOption('--log <place...>', 'where the logs are read: addresses, or folders')
    .option('--monitor <url...>', 'public addresses of monitors, beside those that the directory names', [])
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente evidence attest case.evidence --anchors anchors.json --log https://log.agency.example\n\nA file that "entente evidence export" wrote in a network of "entente up" has it already.',
    )
    .action(attestFile);
}

interface AttestOptions {
  readonly anchors: string;
  readonly log: readonly string[];
  readonly monitor: readonly string[];
  readonly json?: boolean;
}

async function attestFile(file: string, options: AttestOptions): Promise<void> {
  const bytes = readNamed(resolve(file));
  const anchors = await loadAnchors(resolve(options.anchors));
  const places = { logs: options.log, monitors: options.monitor };
  const attested = await attestEvidence(bytes, await directoryIn(bytes, anchors), places);
  writePrivate(resolve(file), attested.bytes);
  print(options, { file: resolve(file), added: attested.words }, () => attested.words);
}

async function directoryIn(bytes: Uint8Array, anchors: Anchors): Promise<Directory> {
  const { directory, madeAtMs } = decodeEvidence(bytes);
  return await openDirectoryBundle(directory, anchors, madeAtMs);
}

type ExportOptions = HomeOptions &
  PersonOptions & { readonly member: string; readonly out: string; readonly open?: boolean };

async function exportFile(caseId: string, options: ExportOptions): Promise<void> {
  const home = readHome(resolve(options.home));
  const client = edgeClient(home, options.member, options);
  const exported = await client.evidenceFile(caseId, options.open === true);
  const { bytes, words } = await attestInHome(home, exported);
  const file = resolve(options.out);
  writePrivate(file, bytes);
  print(options, { file, bytes: bytes.length, added: words }, () => [
    `${file}: ${bytes.length} bytes`,
    ...words,
    options.open ? 'It says what was said: keep it as the case itself.' : 'What was said is not in it.',
  ]);
}

const COSIGNED_WITHIN_MS = 10_000;

/** Witnesses are asked every few seconds: what was logged a moment ago is waited for, and then it goes without. */
async function attestInHome(home: NetworkHome, bytes: Uint8Array): Promise<Attested> {
  if (!home.witnessPorts) return { bytes, words: [], isComplete: false };
  const directory = await directoryIn(bytes, await loadAnchors(paths.anchors(home.dir)));
  const logs = Object.values(home.logPorts ?? {}).map((port) => `http://127.0.0.1:${port}`);
  const until = Date.now() + COSIGNED_WITHIN_MS;
  while (true) {
    const attested = await attestEvidence(bytes, directory, { logs, monitors: [] });
    if (attested.isComplete || Date.now() > until) return attested;
    await delay(500);
  }
}

async function verifyFile(
  file: string,
  options: BesideFiles & { readonly anchors: string; readonly show?: boolean; readonly json?: boolean },
): Promise<void> {
  const verified = await verifyEvidence(
    readNamed(resolve(file)),
    await loadAnchors(resolve(options.anchors)),
    readBeside(options, Date.now()),
  );
  const said = options.show ? Object.fromEntries(verified.said) : undefined;
  print(options, { ...verified, said }, () => evidenceWords(verified, options.show === true));
  if (!verified.proved) throw new AnswerIsNo();
}
