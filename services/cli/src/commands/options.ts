import { isEnvelopeId, isResponsible, type Signoff } from '@entente/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { STORY_WORDS } from '../history/story-words.js';
import { UsageError } from '../usage.js';

/** Options that several commands have, said once. */
export interface HomeOptions {
  readonly home: string;
  readonly json?: boolean;
}

export const HOME_OPTION = ['--home <dir>', 'folder of the network', '.entente'] as const;
export const JSON_OPTION = ['--json', 'print one JSON object'] as const;
/** Of what an agency signs: where it is read whose key that is. */
export const DIRECTORY_OPTION = [
  '--directory <dir>',
  "folder of the directory, in which the key is looked for; default: that of --out, or 'directory' beside it",
] as const;
export const LANGUAGE_OPTION = [
  '--lang <language>',
  `language: ${Object.keys(STORY_WORDS).join(', ')}`,
  'en',
] as const;
/** Of whatever is said or looked at: gates and logs get a pseudonym of it. */
export const ACTOR_WORDS = 'who does it: a name or a number; the user of this machine if it is left out';
export const JUSTIFICATION_OPTION = [
  '--justification <text>',
  'why, for the log of accesses of this edge; who acts for police, a prosecutor, a court or a ministry has to say it',
] as const;

/** Of what a person looks at. */
export function addPerson(command: Command): Command {
  return command.option('--actor <name>', ACTOR_WORDS).option(...JUSTIFICATION_OPTION);
}

/** Of what a person sends. */
export function addSender(command: Command): Command {
  return command
    .option('--actor <name>', ACTOR_WORDS)
    .option(
      '--justification <text>',
      'why; kept at the edge of who sends, a commitment to it is sent; police, a prosecutor, a court or a ministry have to say it',
    );
}

export interface PersonOptions {
  readonly actor?: string;
  readonly justification?: string;
}

/** Of what a member's edge keeps or erases: who does it, on whose wish, with whose consent. */
export interface SignoffOptions extends HomeOptions {
  readonly member: string;
  readonly actor?: string;
  readonly proposedBy?: string;
  readonly approvedBy?: readonly string[];
}

export function addSignoff(command: Command): Command {
  return command
    .option('--proposed-by <unit>', 'who wants it: a unit or a file number; it stands in the log of accesses')
    .option('--approved-by <units...>', 'who agreed to it')
    .option('--actor <name>', ACTOR_WORDS)
    .option(...HOME_OPTION)
    .option(...JSON_OPTION);
}

/** @throws UsageError */
export function checkResponsible(signoff: Signoff): void {
  if (!isResponsible(signoff))
    throw new UsageError('Who wants and approves it are units or file numbers, on one short line each.');
}

/** @throws UsageError: of another name nothing would be found, and what is laid for it would keep nothing */
export function checkCaseId(caseId: string): void {
  if (!isEnvelopeId(caseId))
    throw new UsageError(`"${caseId}" is no id of a case: 32 hex digits, from "entente inbox".`);
}

/** As the edge's API has it. */
export function signoffOf({
  proposedBy = '',
  approvedBy = [],
}: Pick<SignoffOptions, 'proposedBy' | 'approvedBy'>) {
  return { proposed_by: proposedBy, approved_by: approvedBy };
}

/** @throws InvalidArgumentError */
export function daysIn(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('A number of days is needed.');
  return Number(text);
}
