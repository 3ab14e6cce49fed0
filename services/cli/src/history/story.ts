import type { wire } from '@entente/contract';
import type { Pack } from '@entente/policy';
import { packFinder } from './find-pack.js';
import { headerIn } from './header-in.js';
import { hex } from './hex.js';
import type { LogSource } from './log-source.js';
import { crossingOf } from './logged-crossing.js';
import { maySay } from './may-say.js';
import { type LogFault, type LoggedEntry, readLog } from './read-log.js';
import { findNearest, isTooSlow, type Nearest, ruleTexts } from './tell-verdict.js';

/** All that the logs hold about one message, in the order of time. */
export interface Story {
  readonly id: string;
  /** Null: no log holds the message itself. */
  readonly message: Message | null;
  readonly chapters: readonly Chapter[];
  /** Entries without a record, in which the message could have stood as well. */
  readonly erased: number;
  readonly faults: readonly (LogFault & { readonly nation: string })[];
}

export interface Message {
  readonly from: string;
  readonly fromRole: string;
  readonly to: string;
  readonly toRole: string;
  readonly caseId: string;
  readonly issuedAtMs: number;
  readonly facts: wire.HeaderFrame['facts'];
  /** Hex; another message under the same id has another. */
  readonly hash: string;
}

export interface Chapter {
  readonly nation: string;
  readonly index: number;
  readonly timeMs: number;
  readonly event: string;
  readonly stage: string;
  readonly step: string;
  /** Hex. */
  readonly pack: string;
  readonly verdict: wire.RecordFrame['verdict'];
  /** Whose word it is; of a crossing the sender's. */
  readonly by: string;
  readonly byRole: string;
  /** Statements: what was said, and the code that came with it. */
  readonly said: string;
  readonly code: string;
  /** Evidence by who is no end of this message, or about another one under its id: it says nothing of this one. */
  readonly isStranger: boolean;
  /** Rule id to words, in the language asked for; English where the pack has none. */
  readonly words: Readonly<Record<string, string>>;
  /** Of a refusal that no rule gave: the permit that came closest, and what it lacked. */
  readonly nearest: Nearest | null;
  /** A refusal by rules that would have held the message, if a deadline of the law had let it wait. */
  readonly tooSlow: boolean;
  /** Whether the rules by which it was decided are in the archive. */
  readonly isPackKnown: boolean;
}

/**
 * Looks through whole logs for one message, and for what others have said about it.
 * @param language of the rules' words, as the packs have them: `de`, `fr`
 */
export async function readStory(
  sources: readonly LogSource[],
  id: string,
  language: string,
  onProgress?: (nation: string, done: number, size: number) => void,
): Promise<Story> {
  const found: { source: LogSource; entry: LoggedEntry; header: wire.HeaderFrame }[] = [];
  const faults: (LogFault & { nation: string })[] = [];
  let erased = 0;
  for (const source of sources) {
    const read = await readLog(
      source,
      (entry) => {
        // Replay names what cannot be read; here it is only not the message that is looked for.
        const header = entry.record && headerIn(entry.record);
        if (header && isAbout(header, id)) found.push({ source, entry, header });
      },
      { onProgress: (done, size) => onProgress?.(source.nation, done, size) },
    );
    erased += read.erased;
    faults.push(...read.faults.map((fault) => ({ ...fault, nation: source.nation })));
  }
  const own = found.find(({ header }) => header.id === id);
  const message = own ? messageOf(own) : null;
  const finders = new Map(sources.map((one) => [one, packFinder(one.nation, one.archive)]));
  const chapters = found.flatMap(({ source, entry, header }) => {
    const pack = finders.get(source)?.(hex(entry.record?.packSha256));
    const chapter = chapterOf(entry, header, id, typeof pack === 'object' ? pack : null, language);
    return chapter ? { ...chapter, isStranger: isStranger(header, id, message) } : [];
  });
  chapters.sort((a, b) => a.timeMs - b.timeMs || a.index - b.index);
  return { id, message, chapters, erased, faults };
}

function isAbout({ id, statement }: wire.HeaderFrame, wanted: string): boolean {
  return id === wanted || (statement?.about.some(({ messageId }) => messageId === wanted) ?? false);
}

function messageOf({ entry, header }: { entry: LoggedEntry; header: wire.HeaderFrame }): Message {
  const { from, fromRole, to, toRole, caseId, issuedAtMs, facts } = header;
  const hash = hex(entry.record?.messageHash);
  return { from, fromRole, to, toRole, caseId, issuedAtMs, facts, hash };
}

/** Where no log holds the message itself, nobody can tell. */
function isStranger(header: wire.HeaderFrame, id: string, message: Message | null): boolean {
  const about = header.statement?.about.find(({ messageId }) => messageId === id);
  if (!message || !about) return false;
  return !maySay(header, message) || hex(about.messageHash) !== message.hash;
}

function chapterOf(
  { index, leaf, record }: LoggedEntry,
  header: wire.HeaderFrame,
  id: string,
  pack: Pack | null,
  language: string,
): Omit<Chapter, 'isStranger'> | null {
  if (!record) return null;
  const { event, stage, step, verdict, nation, packSha256 } = record;
  const about = header.statement?.about.find(({ messageId }) => messageId === id);
  return {
    ...{ nation, index, event, stage, step, verdict },
    timeMs: leaf.timeMs,
    pack: hex(packSha256),
    by: header.from,
    byRole: header.fromRole,
    said: saidBy(header.statement),
    code: about?.code ?? verdict?.code ?? '',
    words: verdict ? ruleTexts(verdict, pack, language) : {},
    nearest: pack ? nearestOf(record, pack, language) : null,
    tooSlow: pack !== null && isTooSlow(verdict, pack),
    isPackKnown: pack !== null,
  };
}

/** A word of evidence, or of an inspection. */
export function saidBy(statement: wire.HeaderFrame['statement']): string {
  if (!statement) return '';
  return statement.inspection === '' ? statement.evidence : `inspection-${statement.inspection}`;
}

function nearestOf(record: wire.RecordFrame, pack: Pack, language: string): Chapter['nearest'] {
  const { verdict, input } = record;
  if (verdict?.decision !== 'refuse' || verdict.rules.length > 0 || !input) return null;
  return findNearest(pack, crossingOf(record), language);
}

/** What became of the message, as far as these logs say. */
export type Ending =
  | 'delivered'
  | 'not-delivered'
  | 'expired'
  | 'returned'
  | 'waiting'
  | 'on-its-way'
  | 'unknown';

export function endingOf({ message, chapters }: Story): Ending {
  const said = (words: readonly string[], by = message?.to) =>
    chapters.some(
      (chapter) => words.includes(chapter.said) && !chapter.isStranger && (!message || chapter.by === by),
    );
  if (said(['delivered', 'retrieved'])) return 'delivered';
  if (said(['not-delivered'])) return 'not-delivered';
  if (said(['relay-failed', 'not-delivered'], message?.from)) return 'expired';
  const own = chapters.filter(({ event }) => event === 'crossing' || event === 'rejection');
  const last = own.at(-1)?.verdict?.decision;
  if (!message || last === undefined) return 'unknown';
  if (last === 'refuse') return 'returned';
  return last === 'hold' ? 'waiting' : 'on-its-way';
}
