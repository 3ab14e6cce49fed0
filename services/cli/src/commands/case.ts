import { resolve } from 'node:path';
import type { Referral } from '@entente/contract';
import type { Command } from 'commander';
import type { CaseView, ReferralView } from '../network/case-view.js';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { counted, jsonLines, print } from '../print.js';
import { itemLines } from './item-lines.js';
import { addPerson, HOME_OPTION, type HomeOptions, JSON_OPTION, type PersonOptions } from './options.js';

export function addCase(program: Command): void {
  addPerson(program.command('case'))
    .description(
      'Open a case: what was referred, item by item, what became of it, and what can be said now. Its senders learn that it was opened; with --json they do not.',
    )
    .argument('<id>', 'the id of the case, from "entente inbox"')
    .requiredOption('--member <id>', 'whose edge to ask')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente case 8f14e45fceea167a5a36dedd4bea2543 --member isp.fr --home .entente',
    )
    .action(showCase);
}

async function showCase(
  id: string,
  options: HomeOptions & PersonOptions & { readonly member: string },
): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const found = await client.case(id);
  // A program reads; a person opens.
  if (!options.json) await client.openCase(id);
  print(options, found, () => [
    `case ${found.case_id}`,
    ...found.referrals.flatMap((referral) => showReferral(found, referral)),
  ]);
}

function showReferral(view: CaseView, referral: ReferralView): string[] {
  const { message, clocks, questions, said, possible, sent_on, kept_back, made_of } = referral;
  const asked = view.received.find(({ id }) => id === message) ?? view.sent.find(({ id }) => id === message);
  const scopes = scopesOf(asked?.content);
  return [
    headline(view, referral),
    ...(made_of ? [`  made of case ${made_of.case_id}`] : []),
    ...sent_on.map(({ case_id }) => `  sent on as case ${case_id}`),
    ...kept_back.map((id) => `  correction ${id} was not sent on: its handling keeps it here`),
    ...becauseLines(view, message),
    ...referral.items.flatMap((item) => itemLines(item, scopes.get(item.id))),
    ...clocks.map(clockLine),
    ...questions.map(({ id, text }) => `  open question ${id}: ${text}`),
    ...said.flatMap(({ id, by, at, content, without_effect }) => {
      const words = content.text ? `: ${content.text}` : '';
      const said = `  ${at} ${by}: ${content.update}${words}${without_effect ? ` (without effect: ${without_effect})` : ''}`;
      return [said, ...becauseLines(view, id)];
    }),
    `  you can say: ${possible.join(', ')}`,
    ...jsonLines(asked?.content ?? null).map((line) => `  ${line}`),
  ];
}

/** Why this member has sent it: no other end knows more than that it was said. */
function becauseLines({ sent }: CaseView, id: string): string[] {
  const { justification = null } = sent.find((one) => one.id === id) ?? {};
  return justification === null ? [] : [`  because: ${justification}`];
}

function headline({ received, sent }: CaseView, referral: ReferralView): string {
  const { message, counterpart, action, force, state, is_escalated, repeats, repeats_used_up } = referral;
  const [here, own] = [received.find(({ id }) => id === message), sent.find(({ id }) => id === message)];
  const way = here
    ? `received ${here.received_at} from ${counterpart}`
    : `sent to ${counterpart} (${own?.outcome || 'under way'}${own?.reason ? `: ${own.reason}` : ''})`;
  const erasedAt = here?.copy_removed_at ?? own?.copy_removed_at;
  // Its days may be over, or somebody has ordered it: only its sender takes back.
  const takenBack = state === 'recalled' ? 'taken back, ' : '';
  const marks = [
    state,
    ...(is_escalated ? ['escalated'] : []),
    ...(repeats > 0 ? [`asked again ${counted(repeats, 'time')}`] : []),
    ...(repeats_used_up ? ['repeats used up: escalate it'] : []),
    ...(erasedAt ? [`${takenBack}our copy erased ${erasedAt}`] : []),
  ];
  return `${way}: ${action} (${force}), message ${message}; ${marks.join(', ')}`;
}

function scopesOf(content: unknown): ReadonlyMap<string, string | undefined> {
  const { items = [] } = (content ?? {}) as Partial<Pick<Referral, 'items'>>;
  return new Map(items.map(({ id, scope }) => [id, scope]));
}

function clockLine({
  clock,
  kind,
  due_at,
  met_at,
  is_overdue,
  is_extended,
}: ReferralView['clocks'][number]): string {
  const due = due_at ? `by ${due_at}` : 'not started';
  return `  clock ${clock} (${kind}): ${due}${is_extended ? ' (extended)' : ''}${met_at ? `, kept ${met_at}` : ''}${is_overdue ? ', OVERDUE' : ''}`;
}
