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

interface Asked {
  readonly pack: Pack;
  readonly crossing: Crossing;
}

/** What a pack says of a crossing before anything is sent, in a language of `STORY_WORDS`, line by line. */
export function tellVerdict(
  { pack, crossing }: Asked,
  verdict: Verdict,
  words: StoryWords,
  language: string,
): string[] {
  const { rules, decision } = verdict;
  const isByRules = rules.length > 0 || verdict.alarm === true;
  const nearest = decision === 'refuse' && !isByRules ? findNearest(pack, crossing, language) : null;
  const told = ruleWords({ verdict, words: ruleTexts(verdict, pack, language), nearest }, words, language);
  return [
    `${crossing.nation}, ${words.stages[crossing.stage] ?? crossing.stage}: ${decisionWords(verdict, words)}`,
    ...[...told, reasonOf(verdict, { pack, crossing }, told.length > 0, words)]
      .filter(Boolean)
      .map((line) => `  ${line}`),
  ];
}

/** What is to be said beside the rules, or where no rule says it. */
function reasonOf(
  verdict: Verdict,
  { pack, crossing: { from, to } }: Asked,
  isTold: boolean,
  words: StoryWords,
): string {
  if (isTooSlow(verdict, pack)) return words.tooSlow;
  if (isTold) return '';
  if (verdict.alarm) return words.notAppliedHere((verdict.errors ?? []).join('; '));
  return from.id === to.id ? words.toItself : verdict.reason;
}

/** A refusal by rules that would have held the message, if a deadline of the law had let it wait. */
export function isTooSlow(
  verdict:
    | { readonly decision: string; readonly rules: readonly { readonly id: string }[] }
    | null
    | undefined,
  { rules }: Pick<Pack, 'rules'>,
): boolean {
  const named = verdict?.rules ?? [];
  return verdict?.decision === 'refuse' && named.length > 0 && named.every(({ id }) => rules.get(id)?.hold);
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

/** Null: the pack permits nothing at all, or a member wrote to itself, or the permit lacked nothing: then the rules failed. */
export function findNearest(pack: Pack, crossing: Crossing, language: string): Nearest | null {
  const nearest = crossing.from.id === crossing.to.id ? null : nearestPermit(pack, crossing);
  if (!nearest || nearest.lacks.length === 0) return null;
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
