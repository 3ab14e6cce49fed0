import { faultWords } from '../history/faults-of-logs.js';
import { chooseLog, type LogChoice } from '../history/log-source.js';
import { type Stratum, sampleLog } from '../history/sample-log.js';
import { print } from '../print.js';
import { AnswerIsNo } from '../usage.js';

interface SampleChoice extends LogChoice {
  readonly size: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Entries to look at, and all that another auditor needs to draw the same. */
export async function runSample(options: SampleChoice): Promise<void> {
  const source = chooseLog(options);
  const { strata, faults } = await sampleLog(source, options);
  print(options, { seed: options.seed, strata, faults }, () => [
    ...strata.flatMap(stratumWords),
    ...faults.map((fault) => faultWords({ nation: source.nation, ...fault })),
  ]);
  if (faults.length > 0) throw new AnswerIsNo();
}

function stratumWords({ event, category, decision, of, drawn }: Stratum): string[] {
  return [
    `${[event, category, decision].filter(Boolean).join(', ')}: ${drawn.length} of ${of}`,
    ...drawn.map(
      ({ index, id, from, to }) => `  entry ${index}  ${from === '' ? event : `${id}  ${from} → ${to}`}`,
    ),
  ];
}
