import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type VerifiedEntry, verifyEntry } from '@entente/audit';
import { wire } from '@entente/contract';
import { type Directory, loadAnchors, loadDirectory } from '@entente/members';
import { readUnverifiedHeader } from '@entente/seal';
import type { Command } from 'commander';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface ProofOptions {
  readonly directory: string;
  readonly anchors: string;
  readonly json?: boolean;
}

export function addProof(program: Command): void {
  program
    .command('proof')
    .description('Check a proof without any network.')
    .command('verify')
    .description("Verify that a nation's ledger has logged what this proof says, and print what it says.")
    .argument('<file>', 'base64, as the field "proof" of a message\'s evidence or of a case holds it')
    .requiredOption('--directory <dir>', 'folder of the directory')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente proof verify proof.txt --directory .entente/directory --anchors .entente/anchors.json',
    )
    .action(verify);
}

async function verify(file: string, options: ProofOptions): Promise<void> {
  const entries = readEntries(resolve(file));
  const { directory } = await loadDirectory(
    resolve(options.directory),
    await loadAnchors(resolve(options.anchors)),
    { nowMs: Date.now() },
  );
  const findings = entries.map((entry) => finding(directory, entry));
  print(options, { verified: findings.every(({ holds }) => holds), findings }, () =>
    findings.map(({ words }) => words),
  );
  if (!findings.every(({ holds }) => holds)) throw new AnswerIsNo();
}

/** A gate's evidence is one entry; a case or an edge's evidence comes with one for each gate that it passed. */
function readEntries(file: string): readonly wire.EntryFrame[] {
  const bytes = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  for (const read of [() => [wire.entry.decode(bytes)], () => wire.passage.decode(bytes).proofs]) {
    try {
      const entries = read();
      if (entries.length > 0 && entries.every(({ proof }) => proof.length > 0)) return entries;
    } catch {
      // Not this form; if it is neither, that is said below.
    }
  }
  throw new UsageError(`${file} holds no proof. Take the base64 text of a field "proof".`);
}

interface Finding {
  readonly holds: boolean;
  readonly words: string;
}

function finding(directory: Directory, entry: wire.EntryFrame): Finding {
  const find = (origin: string) =>
    [...directory.nations.keys()].map((nation) => directory.ledger(nation, origin)).find((ledger) => ledger);
  try {
    const verified = verifyEntry(entry, find);
    if (!directory.ledger(verified.record.nation, verified.origin))
      throw new Error('the ledger speaks for another nation');
    return { holds: true, words: words(verified) };
  } catch (error) {
    return { holds: false, words: `DOES NOT HOLD: ${(error as Error).message}` };
  }
}

function words({ record, leaf, origin, index }: VerifiedEntry): string {
  const { from, to, id } = readUnverifiedHeader(record.seal);
  const rules = record.verdict?.rules.map(({ id: rule, basis }) => `${rule} [${basis}]`).join(', ');
  return [
    `holds: entry ${index} of ${origin}, ${new Date(leaf.timeMs).toISOString()}`,
    `  message ${id} from ${from} to ${to}, stage "${record.stage}": ${record.verdict?.decision ?? record.event}`,
    ...(rules ? [`  by ${rules}`] : []),
    ...(record.verdict?.reason ? [`  ${record.verdict.reason}`] : []),
  ].join('\n');
}
