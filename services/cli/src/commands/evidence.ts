import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadAnchors } from '@entente/members';
import type { Command } from 'commander';
import { evidenceWords } from '../evidence/evidence-words.js';
import { verifyEvidence } from '../evidence/verify-evidence.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

export function addEvidence(program: Command): void {
  const evidence = program.command('evidence').description('One file that lets a court check a case.');
  evidence
    .command('export')
    .description('Write all that a member can prove about one case into one file.')
    .argument('<case>', 'id of the case')
    .requiredOption('--member <id>', 'whose edge to ask')
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
    .option('--show', 'print what was said as well')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente evidence verify case.evidence --anchors .entente/anchors.json\n\nExit code 0: all of it holds; 1: each line that begins with "NO" says what does not.',
    )
    .action(verifyFile);
}

type ExportOptions = HomeOptions & { readonly member: string; readonly out: string; readonly open?: boolean };

async function exportFile(caseId: string, options: ExportOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member);
  const bytes = await client.evidenceFile(caseId, options.open === true);
  const file = resolve(options.out);
  writeFileSync(file, bytes, { mode: 0o600 });
  print(options, { file, bytes: bytes.length }, () => [
    `${file}: ${bytes.length} bytes`,
    options.open ? 'It says what was said: keep it as the case itself.' : 'What was said is not in it.',
  ]);
}

async function verifyFile(
  file: string,
  options: { readonly anchors: string; readonly show?: boolean; readonly json?: boolean },
): Promise<void> {
  const verified = await verifyEvidence(
    readFileSync(resolve(file)),
    await loadAnchors(resolve(options.anchors)),
  );
  const said = options.show ? Object.fromEntries(verified.said) : undefined;
  print(options, { ...verified, said }, () => evidenceWords(verified, options.show === true));
  if (!verified.proved) throw new AnswerIsNo();
}
