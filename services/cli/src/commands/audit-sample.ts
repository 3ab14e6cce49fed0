import { faultWords } from '../history/faults-of-logs.js';
import { chooseLog, type LogChoice } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { type Sample, type Stratum, sampleLog } from '../history/sample-log.js';
import { counted, print } from '../print.js';
import { AnswerIsNo } from '../usage.js';

interface SampleChoice extends LogChoice {
  readonly size: number;
  readonly seed?: number;
  readonly first?: number;
  readonly json?: boolean;
}

/** Entries to look at, and all that another auditor needs to draw the same. */
export async function runSample(options: SampleChoice): Promise<void> {
  const source = chooseLog(options);
  const { faults, ...sample } = await sampleLog(source, options, showProgress(source.nation));
  print(options, { ...sample, faults }, () => [
    ...sampleWords(sample, options.size),
    ...sample.strata.flatMap(stratumWords),
    ...faults.map((fault) => faultWords({ nation: source.nation, ...fault })),
  ]);
  if (faults.length > 0) throw new AnswerIsNo();
}

function sampleWords(
  { origin, seed, first, root, withoutRecord }: Omit<Sample, 'faults'>,
  size: number,
): string[] {
  return [
    `${origin}: drawn from its first ${counted(first, 'entry', 'entries')}, root ${root || 'unknown'}`,
    `  ${withoutRecord} of them have no record and cannot be drawn`,
    `  the same is drawn again with --first ${first} --size ${size} --seed ${seed}`,
  ];
}

function stratumWords({ event, category, decision, of, drawn }: Stratum): string[] {
  return [
    `${[event, category, decision].filter(Boolean).join(', ')}: ${drawn.length} of ${of}`,
    ...drawn.map(
      ({ index, id, from, to }) => `  entry ${index}  ${from === '' ? event : `${id}  ${from} → ${to}`}`,
    ),
  ];
}
