import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ReportFile, readReport } from '../demo/read-reports.js';
import { sendReport } from '../demo/send-reports.js';
import { showSent } from '../demo/show-demo.js';
import { type EdgeClient, edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { jsonLines, print } from '../print.js';
import { AnswerIsNo, UsageError } from '../usage.js';
import { KEY_OPTION, type KeyOptions, keyOf, namingKey, sayRepeat } from './message-key.js';
import { addSender, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';

interface SendOptions extends HomeOptions, KeyOptions, PersonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly wait: string;
  readonly preview?: boolean;
}

export function addSend(program: Command): void {
  addSender(program.command('send'))
    .description(
      'Send one report and wait for its outcome. Takes a file like those in examples/, or a XARF v4 report.',
    )
    .argument('<file>', 'the report, JSON')
    .option('--from <member>', 'the sender (XARF; default hotline.de)')
    .option('--to <member>', 'the recipient, a hosting provider (XARF; default isp.fr)')
    .option('--wait <seconds>', 'how long to wait for the outcome', '30')
    .option(...KEY_OPTION)
    .option('--preview', 'show what would go, what would be taken out and why; send nothing')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente send examples/14-phishing-page-on-a-bakery-site.json --home .entente\n\nThe same file from and to the same members is sent once: again, it tells what became of the first.\n\nExit code 0: delivered; 1: returned to sender, held, or no outcome yet.',
    )
    .action(send);
}

async function send(file: string, options: SendOptions): Promise<void> {
  const home = readHome(resolve(options.home));
  const read = readReport(resolve(file), basename(file));
  const report = { ...read, from: options.from ?? read.from, to: options.to ?? read.to };
  if (options.preview) return await preview(options, edgeClient(home, report.from), report);
  const { from, to, body } = report;
  const key = keyOf(options, [from, to, body]);
  const sent = await sendReport(home, report, Number(options.wait) * 1000, { key, person: options }).catch(
    namingKey,
  );
  const { id, caseId, isNew, category, outcome, rule, reason, notes, evidence, ms } = sent;
  print(
    options,
    {
      id,
      case_id: caseId,
      is_new: isNew,
      from,
      to,
      category,
      outcome,
      rule,
      reason,
      notes,
      evidence,
      ms,
    },
    () => [...showSent(sent), ...sayRepeat(sent)],
  );
  if (outcome !== 'delivered') throw new AnswerIsNo();
}

async function preview(options: SendOptions, client: EdgeClient, report: ReportFile): Promise<void> {
  if (report.kind === 'xarf') throw new UsageError('--preview takes a file like those in examples/.');
  const shown = await client.preview(report.body);
  const { changes, verdicts, content, passes } = shown;
  print(options, shown, () => [
    passes ? 'It would pass.' : 'It would not pass as it is.',
    ...changes.map(
      ({ duty, data_class, nation, rules }) =>
        `${duty === 'redact' ? 'taken out' : 'replaced by pseudonyms'}: ${data_class} (${nation}: ${rules.map(({ says, basis }) => `${says} ${basis}`).join('; ')})`,
    ),
    ...verdicts.map(({ nation, stage, decision, reason, rules, awaits }) => {
      const ids = rules.map(({ id, basis }) => `${id}, ${basis}`).join('; ');
      const waiting = awaits.length > 0 ? ` It waits for ${awaits.join(', ')}.` : '';
      return `${nation} (${stage}): ${decision}: ${reason}${waiting} [${ids}]`;
    }),
    ...verdicts.flatMap(({ nation, clocks }) =>
      clocks.map(
        ({ clock, minutes, kind, basis }) =>
          `clock of ${nation}: ${clock} within ${minutes} minutes (${kind}: ${basis})`,
      ),
    ),
    'What would go:',
    ...jsonLines(content).map((line) => `  ${line}`),
  ]);
  if (!passes) throw new AnswerIsNo();
}
