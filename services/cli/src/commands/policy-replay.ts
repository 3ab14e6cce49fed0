import type { Command } from 'commander';
import { faultWords } from '../history/faults-of-logs.js';
import { chooseLogs, LOG_OPTIONS, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { type Replay, replayLog } from '../history/replay.js';
import { counted, print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import { JSON_OPTION } from './options.js';

export function addPolicyReplay(policy: Command): void {
  const replay = policy
    .command('replay')
    .description(
      'Decide every logged crossing again, and prove that each verdict is the one that its pack gives.',
    );
  for (const [flags, words] of LOG_OPTIONS) replay.option(flags, words);
  replay
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente policy replay --home .entente --nation DE\n\nExit code 0: every entry is what its pack decides; 1: the first that is not is named, and all others.',
    )
    .action(run);
}

async function run(options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const replays: Replay[] = [];
  for (const source of chooseLogs(options))
    replays.push(await replayLog(source, showProgress(source.nation)));
  print(options, { replays }, () => replays.flatMap(words));
  if (replays.some(({ faults }) => faults.length > 0)) throw new AnswerIsNo();
}

function words({ origin, size, root, erased, packs, others, unknown, faults, ...replay }: Replay): string[] {
  const { crossings, signersAsked } = replay;
  const { permit, refuse, hold } = crossings;
  const decided = permit + refuse + hold;
  return [
    `${origin}: ${counted(size, 'entry', 'entries')}, root ${root.slice(0, 16)}…`,
    `  ${decided} decided again: ${permit} permitted, ${refuse} refused, ${hold} held`,
    ...packs.map((pack) => `  ${pack.crossings} by pack ${pack.sha256.slice(0, 16)}…`),
    signersAsked
      ? '  of each pack the signature of its agency was checked'
      : '  NOT CHECKED: who has signed the packs; name the trust anchors with --anchors',
    ...Object.entries(others).map(([event, count]) => `  ${count} ${event}: not a question of rules`),
    ...(erased > 0 ? [`  ${erased} erased: cannot be decided again`] : []),
    ...(unknown > 0 ? [`  ${unknown} rest on what is erased: whether they were right is unknown`] : []),
    ...faults.map(faultWords),
    faults.length === 0 ? 'Every verdict is the one that its pack gives.' : counted(faults.length, 'fault'),
  ];
}
