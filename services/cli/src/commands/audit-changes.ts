import { faultWords } from '../history/faults-of-logs.js';
import { chooseLogs, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { type Change, readChanges } from '../history/read-changes.js';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';

/** What a nation changed of its rules, its directory and its settings, what it erased, and who has read its entries. */
export async function runChanges(options: LogChoice & { readonly json?: boolean }): Promise<void> {
  const logs: (Awaited<ReturnType<typeof readChanges>> & { readonly nation: string })[] = [];
  for (const source of chooseLogs(options))
    logs.push({ nation: source.nation, ...(await readChanges(source, showProgress(source.nation))) });
  print(options, { logs }, () =>
    logs.flatMap(({ nation, changes, faults }) => [
      `${nation}: ${changes.length} changes and reads`,
      ...changes.flatMap(changeWords),
      ...faults.map(faultWords),
    ]),
  );
  if (logs.some(({ faults }) => faults.length > 0)) throw new AnswerIsNo();
}

function changeWords({ index, at, event, what, responsible }: Change): string[] {
  const who = responsible.map(({ part, proposedBy, approvedBy }) => {
    const approved = approvedBy.length === 0 ? 'nobody named' : approvedBy.join(', ');
    return `      ${part && `${part}: `}proposed by ${proposedBy || 'nobody named'}, approved by ${approved}`;
  });
  return [`  ${at}  ${event} (#${index})  ${what}`, ...who];
}
