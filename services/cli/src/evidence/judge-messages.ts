import type { VerifiedEntry } from '@entente/audit';
import { nationOf, wire } from '@entente/contract';
import { hasContent } from '@entente/seal';
import { maySay } from '../history/may-say.js';
import type { Finding } from './finding.js';
import { hex, type OpenedMessage } from './open-message.js';

/** What the messages of a file prove together, one finding a line. */
export function judgeMessages(messages: readonly OpenedMessage[]): Finding[] {
  const twice = messages.filter(({ hash }, i) => messages.findIndex((other) => other.hash === hash) !== i);
  return [
    ...twice.map(({ header }) => ({
      code: 'message-twice',
      words: `message ${header.id}: it is in the file twice.`,
    })),
    ...messages.flatMap((message) => judge(message, messages)),
  ];
}

function judge(message: OpenedMessage, all: readonly OpenedMessage[]): Finding[] {
  if (hasContent(message.header))
    return [...crossed(message, all), ...saidBy(message), ...delivered(message, all)];
  return [...message.entries.map((entry) => passed(message, entry)), ...stated(message, all)];
}

/** Each border that a referral had to cross: none after the one that refused it. */
function crossed(message: OpenedMessage, all: readonly OpenedMessage[]): Finding[] {
  const { header, entries } = message;
  const [sending, receiving] = [nationOf(header.from), nationOf(header.to)];
  const borders =
    sending === receiving
      ? [[sending, 'inside']]
      : [
          [sending, 'leave'],
          [receiving, 'enter'],
        ];
  const isEnd = endsAtFirst(message, all);
  return borders.slice(0, isEnd ? 1 : undefined).flatMap(([nation, stage]) => {
    const here = entries.filter(({ record }) => record.nation === nation && record.stage === stage);
    const decisive = here.find(({ record }) => record.verdict?.decision === 'permit') ?? here.at(-1);
    if (decisive)
      return [
        ...[...here.filter((entry) => entry !== decisive), decisive].map((entry) => passed(message, entry)),
        ...(isEnd
          ? [
              {
                code: 'holds',
                words: `message ${header.id}: ${nation} refused it: it did not go on from there.`,
              },
            ]
          : []),
      ];
    return [
      {
        code: 'not-proved',
        words: `message ${header.id}: nothing here proves that the gate of ${nation} let it pass.`,
      },
    ];
  });
}

/**
 * Whether its sender's own gate refused it, and nothing here speaks of it after that. INVARIANT: a refusal has to be shown. Where one is
 * beside a permit of the same gate, or it was seen further on, nothing follows from it.
 */
function endsAtFirst(message: OpenedMessage, all: readonly OpenedMessage[]): boolean {
  const { header, entries } = message;
  const isAbout = statementsAbout(message, all).some(({ header: { from } }) => from === header.to);
  const words = new Set(entries.map(({ record }) => record.verdict?.decision));
  const isAtFirst = entries.every(({ record }) => record.stage !== 'enter');
  return words.has('refuse') && !words.has('permit') && isAtFirst && !isAbout;
}

function passed({ header }: OpenedMessage, { record, leaf, origin, index }: VerifiedEntry): Finding {
  const { decision = '', rules = [], code = '', reason = '' } = record.verdict ?? {};
  const by = rules.map(({ id, basis }) => `${id} [${basis}]`).join(', ') || code || 'no rule asked';
  const pack = rules.length === 0 ? '' : `, rules of the pack ${hex(record.packSha256).slice(0, 16)}…`;
  const at = new Date(leaf.timeMs).toISOString();
  const words = `message ${header.id}: entry ${index} of ${origin} proves that ${record.nation} decided "${decision}" at ${at} (${record.stage}) by ${by}${pack}${endOfHold(record)}${reason ? `: ${reason}` : ''}.`;
  return { code: decision === 'refuse' || decision === 'hold' ? 'note' : 'holds', words };
}

/** What ended a hold that came before: the word of somebody who may say it, or that nobody did. */
function endOfHold({ event, step, input }: VerifiedEntry['record']): string {
  if (event !== 'crossing' || step === 'first') return '';
  if (step === 'overdue') return ', after a hold that nobody ended in its time';
  const who = (input?.approvals ?? []).map(({ role, nation }) => `a ${role} of ${nation}`).join(' and ');
  return `, after a hold that ${who || 'somebody who may'} ended by the message with the hash ${step.slice(0, 16)}…`;
}

/** What an update says by the facts that its sender signed; in words it says it where the holder opens it. */
function saidBy({ header: { id, from, inReplyTo, facts } }: OpenedMessage): Finding[] {
  if (!facts || facts.update === '') return [];
  const counts = [...facts.results, ...facts.checks].map(({ word, count }) => `${count} ${word}`).join(', ');
  const what = [facts.update, counts].filter(Boolean).join(': ');
  return [{ code: 'holds', words: `message ${id}: ${from} says of the message ${inReplyTo}: ${what}.` }];
}

function statementsAbout({ hash }: OpenedMessage, all: readonly OpenedMessage[]): readonly OpenedMessage[] {
  return all.filter(
    ({ header: other }) =>
      other.kind === wire.Kind.KIND_EVIDENCE &&
      other.statement?.about.some(({ messageHash }) => hex(messageHash) === hash),
  );
}

function delivered(message: OpenedMessage, all: readonly OpenedMessage[]): Finding[] {
  const { header } = message;
  const said = statementsAbout(message, all).map(({ header: { from, statement } }) => {
    const { evidence = '', atMs = 0 } = statement ?? {};
    const words = `message ${header.id}: ${from} says under its own seal "${evidence}", at ${new Date(atMs).toISOString()}.`;
    return { code: from === header.to ? 'holds' : 'note', words };
  });
  if (said.some(({ code }) => code === 'holds') || endsAtFirst(message, all)) return said;
  const words = `message ${header.id}: nothing here proves what became of it at ${header.to}.`;
  return [...said, { code: 'note', words }];
}

function approved({ id, from, fromRole, statement }: wire.HeaderFrame, about: string): Finding {
  const { evidence = '', atMs = 0, about: abouts = [] } = statement ?? {};
  const code = abouts.find(({ messageId }) => messageId === about)?.code ?? '';
  const ground = code === '' ? '' : ` (${code})`;
  const words = `message ${id}: ${from} (${fromRole}) says of the held message ${about} under its own seal "${evidence}"${ground}, at ${new Date(atMs).toISOString()}.`;
  return { code: 'holds', words };
}

/** A statement counts only about a message that is here, and by who may make it. */
function stated({ header }: OpenedMessage, all: readonly OpenedMessage[]): Finding[] {
  const abouts = header.statement?.about ?? [];
  const find = (messageHash: Uint8Array) => all.find(({ hash }) => hash === hex(messageHash));
  // What the same seal says of messages of other cases is not this file's business.
  const isHere = abouts.some(({ messageHash }) => find(messageHash) !== undefined);
  return abouts.flatMap(({ messageHash, messageId }) => {
    const about = find(messageHash);
    if (!about && isHere) return [];
    if (!about)
      return [
        {
          code: 'about-unknown',
          words: `message ${header.id}: it is about the message ${messageId}, which is not in the file.`,
        },
      ];
    if (header.kind === wire.Kind.KIND_APPROVAL) return [approved(header, messageId)];
    if (!maySay(header, about.header))
      return [
        {
          code: 'said-by-another',
          words: `message ${header.id}: ${header.from} was not the recipient of ${messageId}.`,
        },
      ];
    return [];
  });
}
