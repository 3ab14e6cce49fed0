import { type Chapter, endingOf, type Story } from './story.js';
import { sayCode } from './story-codes.js';
import { EN, STORY_WORDS, type StoryWords } from './story-words.js';
import { ruleWords } from './tell-verdict.js';

const MINUTE_MS = 60_000;

/** A story in a language of `STORY_WORDS`, line by line. */
export function tellStory(story: Story, language: string): string[] {
  const words = STORY_WORDS[language] ?? EN;
  const { id, message, chapters, erased, faults } = story;
  const found = message
    ? [
        `${words.message(`${message.from} (${message.fromRole})`, `${message.to} (${message.toRole})`)}  ${id}`,
        `  ${[message.facts?.category, message.facts?.update || `${words.asks} ${message.facts?.action}`, message.facts?.force, `${words.issued} ${iso(message.issuedAtMs)}`, `${words.case} ${message.caseId}`].join(', ')}`,
      ]
    : [words.notLogged];
  return [
    ...found,
    ...chapters.flatMap((chapter) => ['', ...tellChapter(chapter, story.message, words, language)]),
    '',
    ...(message ? [words.endings[endingOf(story)] ?? ''] : []),
    ...(erased > 0 ? [words.erased(erased)] : []),
    ...faults.map(({ nation, code, detail }) => `${words.fault} ${nation} ${code}: ${detail}`),
    words.unverified,
  ];
}

function tellChapter(
  chapter: Chapter,
  message: Story['message'],
  words: StoryWords,
  language: string,
): string[] {
  const { timeMs, nation, stage, index, said, by, byRole, code, event, verdict, pack } = chapter;
  const where = `${iso(timeMs)}  ${nation}, ${words.stages[stage] ?? stage} (#${index})`;
  if (said !== '') {
    const reason = code === '' ? '' : ` (${words.reason}: ${sayCode(code, language)})`;
    const stranger = chapter.isStranger ? ` ${words.stranger}` : '';
    return [
      where,
      `  ${words.says(`${by} (${byRole})`, words.statements[said] ?? said)}${reason}${stranger}`,
    ];
  }
  const decision =
    event === 'rejection' ? `${words.rejection}: ${sayCode(code, language)}` : decisionWords(chapter, words);
  const ended = chapter.step === 'first' ? '' : `${words.afterHold}: `;
  const reason = reasonOf(chapter, message, words, language);
  const told = verdict ? ruleWords({ ...chapter, verdict }, words, language) : [];
  const byPack = (verdict?.rules.length ?? 0) > 0 ? `${words.byPack} ${pack.slice(0, 16)}…` : '';
  return [
    where,
    ...[`${ended}${decision}`, ...told, byPack, reason].filter(Boolean).map((line) => `  ${line}`),
  ];
}

/**
 * What is to be said where no rule says it. A log holds it in English; in another language it is told from what led to it: its code,
 * or without one that the message was to its own sender, or that the rules failed.
 */
function reasonOf(
  { verdict, code, nearest, tooSlow, event, isPackKnown }: Chapter,
  message: Story['message'],
  words: StoryWords,
  language: string,
): string {
  if (tooSlow) return words.tooSlow;
  if (!verdict || verdict.rules.length > 0 || nearest) return '';
  if (language === 'en') return verdict.reason;
  if (event === 'rejection' || verdict.decision !== 'refuse') return '';
  if (code !== '') return sayCode(code, language);
  if (!isPackKnown) return words.notAtHand(verdict.reason);
  return message?.from === message?.to ? words.toItself : words.notApplied;
}

function decisionWords({ verdict, timeMs }: Chapter, words: StoryWords): string {
  if (verdict?.decision !== 'hold') return verdict?.decision === 'permit' ? words.permit : words.refuse;
  return words.hold(verdict.awaits.join(', '), iso(timeMs + verdict.holdMinutes * MINUTE_MS));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
