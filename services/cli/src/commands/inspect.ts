import { resolve } from 'node:path';
import { INSPECT_REASON, nationOf } from '@entente/contract';
import type { Command } from 'commander';
import { findLogged } from '../history/find-logged.js';
import { chooseLogs } from '../history/log-source.js';
import type { InspectionView } from '../network/access-view.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { inspectMessage, wordsOfInspection } from '../network/inspect-message.js';
import { print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { HOME_OPTION, type HomeOptions, JSON_OPTION } from './options.js';

interface InspectOptions extends HomeOptions {
  readonly member: string;
  readonly of: string;
  readonly reason: string;
  readonly justification?: string;
  readonly wait: string;
  readonly show?: boolean;
}

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description(
      'For auditors: have an edge of the same nation open a message of its cases, and compare what it said with what was sealed and declared. On record at both.',
    )
    .argument('<message>', 'id or hash of the message, as it stands in the log ("entente audit sample")')
    .requiredOption('--of <id>', 'the member that is to open it: its sender or its recipient')
    .requiredOption('--member <id>', 'the auditor')
    .requiredOption('--reason <word>', INSPECT_REASON.join(', '))
    .option('--justification <text>', 'kept at the edge of the auditor; a commitment to it is sent')
    .option('--wait <seconds>', 'how long to wait for the answer', '30')
    .option('--show', 'print what the message said, and why it was sent')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente inspect 85f4d49bc85681c8c1a369ae319ad7e5 --of hotline.de --member auditor.de --reason sample --home .entente\n\nExit code 0: it is what was sealed, and what was declared follows from it; 1: it is not, or it was not opened.',
    )
    .action(inspect);
}

async function inspect(message: string, options: InspectOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const found = await findMessage(message, options);
  const asked = { ...found, of: options.of, reason: options.reason };
  const seen = await inspectMessage(client, asked, Number(options.wait) * 1000);
  print(options, seen, () => [
    `${seen.message_id}: ${wordsOfInspection(seen)}`,
    ...whyWords(seen, options.show === true),
    ...(options.show && seen.content ? seen.content.split('\n') : []),
    `Inspection ${seen.id}; it is in the log of the nation, and in the log of accesses of ${seen.of}.`,
  ]);
  if (!seen.result.startsWith('match')) throw new AnswerIsNo();
}

function whyWords({ justified, justification }: InspectionView, show: boolean): string[] {
  if (justified === '') return [];
  if (justified === 'not-given') return ['Its sender has given no justification.'];
  if (justified === 'not-opened')
    return [
      'A justification was sealed with it, and not opened: only its sender can, until it is forgotten.',
    ];
  return [
    'The justification that was sealed with it was opened.',
    ...(show ? justification.split('\n').map((line) => `  because: ${line}`) : []),
  ];
}

/** The logs of the auditor's own nation say which message it is. */
async function findMessage(message: string, options: InspectOptions) {
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/.test(message))
    throw new UsageError(`"${message}" is no id and no hash of a message: 32 or 64 hex digits.`);
  const nation = nationOf(options.member);
  const found = await findLogged(chooseLogs({ home: options.home, nation }), message);
  if (!found) throw new UsageError(`The logs of ${nation} hold no message ${message}.`);
  const { header, hash } = found;
  return { case_id: header.caseId, message_id: header.id, message_hash: hash };
}
