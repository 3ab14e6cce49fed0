import { resolve } from 'node:path';
import { type LedgerIdentity, parseProof, type VerifiedEntry, verifyEntry, verifyLeaf } from '@entente/audit';
import { wire } from '@entente/contract';
import { type Directory, loadAnchors, loadDirectory } from '@entente/members';
import type { Command } from 'commander';
import { laterOf } from '../evidence/attest-evidence.js';
import { type BesideFiles, readBeside, WITNESS_POLICY_OPTION } from '../evidence/beside-options.js';
import { isFault } from '../evidence/finding.js';
import { type CoveredEntry, judgeCheckpoints } from '../evidence/judge-checkpoints.js';
import { isAboutMessage } from '../history/about-message.js';
import { headerIn } from '../history/header-in.js';
import { print } from '../print.js';
import { readNamed } from '../read-named.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface ProofOptions extends BesideFiles {
  readonly directory: string;
  readonly anchors: string;
  readonly log: readonly string[];
  readonly monitor: readonly string[];
  readonly json?: boolean;
}

export function addProof(program: Command): void {
  program
    .command('proof')
    .description('Check a proof; without any network, unless a witness policy asks for more than it holds.')
    .command('verify')
    .description("Verify that a nation's ledger has logged what this proof says, and print what it says.")
    .argument(
      '<file>',
      'a .tlog-proof of `entente audit prove`, or base64, as the field "proof" of a message\'s evidence or of a case holds it',
    )
    .requiredOption('--directory <dir>', 'folder of the directory')
    .requiredOption('--anchors <file>', 'the trust anchors')
    .option(...WITNESS_POLICY_OPTION)
    .option('--log <place...>', 'with --witness-policy: where the log is read, an address or a folder', [])
    .option('--monitor <url...>', "with it: monitors that show what is cosigned, beside the directory's", [])
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
  findings.push(...(await findCosigned(directory, findings, options)));
  const shown = findings.map(({ holds, words }) => ({ holds, words: words.join('\n') }));
  print(options, { verified: findings.every(({ holds }) => holds), findings: shown }, () =>
    findings.flatMap(({ words }) => words),
  );
  if (!findings.every(({ holds }) => holds)) throw new AnswerIsNo();
}

/** Whether later checkpoints, which others have cosigned, cover the entries as the policy asks. */
async function findCosigned(
  directory: Directory,
  findings: readonly ProofFinding[],
  options: ProofOptions,
): Promise<ProofFinding[]> {
  if (options.witnessPolicy === undefined) return [];
  const entries = findings.flatMap(({ entry }) => (entry ? [entry] : []));
  const later = await Promise.all(
    entries.map(async ({ origin, size, root }) => {
      const places = { logs: options.log, monitors: options.monitor };
      return await laterOf(origin, new Map([[size, { origin, size, root }]]), directory, places);
    }),
  );
  const judged = await judgeCheckpoints(later.flat(), directory, entries, readBeside(options, Date.now()));
  return judged.map((one) => ({
    holds: !isFault(one),
    words: [`${isFault(one) ? 'DOES NOT HOLD: ' : ''}${one.words}`],
  }));
}

/** A gate's evidence is one entry; a case or an edge's evidence comes with one for each gate that it passed. */
function readEntries(file: string): readonly wire.EntryFrame[] {
  const text = readNamed(file).toString('utf8');
  if (text.startsWith('c2sp.org/tlog-proof@')) return [fromProof(file, text)];
  const bytes = Buffer.from(text.trim(), 'base64');
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

/** The extra data of a proof is not authenticated by it; that the leaf in there is the one that is proved is checked with all else. */
function fromProof(file: string, text: string): wire.EntryFrame {
  const { extra } = unlessMalformed(file, () => parseProof(text));
  if (!extra) throw new UsageError(`${file} does not hold the entry that it proves: check it with its leaf.`);
  return { ...wire.entry.decode(extra), proof: Buffer.from(text) };
}

/** @throws UsageError that names the file */
function unlessMalformed<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(`${file} is no whole .tlog-proof: ${(cause as Error).message}`, { cause });
  }
}

interface ProofFinding {
  readonly holds: boolean;
  readonly words: readonly string[];
  readonly entry?: CoveredEntry;
}

function finding(directory: Directory, entry: wire.EntryFrame): ProofFinding {
  const find = (origin: string) =>
    [...directory.nations.keys()].map((nation) => directory.ledger(nation, origin)).find((ledger) => ledger);
  try {
    if (entry.record.length === 0) return leafFinding(entry, find);
    const verified = verifyEntry(entry, find);
    if (!directory.ledger(verified.record.nation, verified.origin))
      throw new Error('the ledger speaks for another nation');
    return { holds: true, words: words(verified), entry: verified };
  } catch (error) {
    return { holds: false, words: [`DOES NOT HOLD: ${(error as Error).message}`] };
  }
}

/** Of an entry whose record was erased, or is too long to go along, only the leaf can be proved. */
function leafFinding(
  entry: wire.EntryFrame,
  find: (origin: string) => LedgerIdentity | undefined,
): ProofFinding {
  const { origin, index, size, root, leaf } = verifyLeaf(entry, find);
  const at = new Date(leaf.timeMs).toISOString();
  const words = `holds: entry ${index} of ${origin}, ${at}: ${leaf.event}; its record is not with it`;
  return { holds: true, words: [words], entry: { origin, size, root, leaf } };
}

function words({ record, leaf, origin, index }: VerifiedEntry): string[] {
  const head = `holds: entry ${index} of ${origin}, ${new Date(leaf.timeMs).toISOString()}`;
  if (!isAboutMessage(record)) return [`${head}: ${record.event}`];
  // What was refused may be no message at all.
  const { from, to, id } = headerIn(record) ?? { from: '?', to: '?', id: 'that cannot be read' };
  const rules = record.verdict?.rules.map(({ id: rule, basis }) => `${rule} [${basis}]`).join(', ');
  return [
    head,
    `  message ${id} from ${from} to ${to}, stage "${record.stage}": ${record.verdict?.decision ?? record.event}`,
    ...(rules ? [`  by ${rules}`] : []),
    ...(record.verdict?.reason ? [`  ${record.verdict.reason}`] : []),
  ];
}
