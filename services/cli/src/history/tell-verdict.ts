import { type Crossing, nearestPermit, type Pack, type Verdict } from '@entente/policy';
import { sayDuty } from './story-codes.js';
import type { StoryWords } from './story-words.js';

/** The permit that a refused message came closest to. */
export interface Nearest {
  readonly rule: string;
  /** In the language asked for; English where the pack has none. */
  readonly says: string;
  readonly lacks: readonly string[];
}

/** What a pack says of a crossing before anything is sent, in a language of `STORY_WORDS`, line by line. */
export function tellVerdict(
  { pack, crossing }: { readonly pack: Pack; readonly crossing: Crossing },
  verdict: Verdict,
  words: StoryWords,
  language: string,
): string[] {
  const { rules, decision } = verdict;
  const nearest = decision === 'refuse' && rules.length === 0 ? findNearest(pack, crossing, language) : null;
  const told = ruleWords({ verdict, words: ruleTexts(verdict, pack, language), nearest }, words, language);
  return [
    `${crossing.nation}, ${words.stages[crossing.stage] ?? crossing.stage}: ${decisionWords(verdict, words)}`,
    ...[...told, ...(told.length === 0 ? [verdict.reason] : [])].map((line) => `  ${line}`),
  ];
}

function decisionWords({ decision, awaits = [], holdMinutes = 0 }: Verdict, words: StoryWords): string {
  return decision === 'hold' ? words.wouldHold(awaits.join(', '), holdMinutes / 60) : words[decision];
}

/** Rule id to words. */
export function ruleTexts(
  { rules }: Pick<Verdict, 'rules'>,
  pack: Pack | null,
  language: string,
): Record<string, string> {
  const texts = pack?.texts.get(language);
  return Object.fromEntries(rules.map(({ id, says }) => [id, texts?.get(id) ?? says]));
}

/** Null: the pack permits nothing at all, or a member wrote to itself. */
export function findNearest(pack: Pack, crossing: Crossing, language: string): Nearest | null {
  const nearest = crossing.from.id === crossing.to.id ? null : nearestPermit(pack, crossing);
  if (!nearest) return null;
  const says = pack.texts.get(language)?.get(nearest.rule) ?? pack.rules.get(nearest.rule)?.says ?? '';
  return { ...nearest, says };
}

/** By its rules, or by the permit that came closest; with what would make it pass, or what it has to do. */
export function ruleWords(
  {
    verdict: { rules, remedies, obligations },
    words: says,
    nearest,
  }: {
    readonly verdict: Pick<Verdict, 'remedies' | 'obligations'> & {
      readonly rules: readonly Omit<Verdict['rules'][number], 'says'>[];
    };
    readonly words: Readonly<Record<string, string>>;
    readonly nearest: Nearest | null;
  },
  words: StoryWords,
  language: string,
): string[] {
  const say = (duty: string) => sayDuty(duty, language);
  return [
    ...rules.map(({ id, basis }) => `${id}: ${says[id]} [${basis}]`),
    ...(nearest
      ? [words.noRule(nearest.rule, nearest.says), words.lacks, ...nearest.lacks.map((lack) => `  ${lack}`)]
      : []),
    ...(remedies.length > 0 ? [`${words.remedies}: ${remedies.map(say).join(', ')}`] : []),
    ...(obligations.length > 0 ? [`${words.duties}: ${obligations.map(say).join(', ')}`] : []),
  ];
}
