import { resolve } from 'node:path';
import { nationOf } from '@entente/contract';
import type { Command } from 'commander';
import { chooseLogs } from '../history/log-source.js';
import { type AnchorFault, readAnchors } from '../history/read-anchors.js';
import { type AccessEntryBytes, type VerifiedAccess, verifyAccess } from '../history/verify-access.js';
import { type EdgeClient, edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { counted, print } from '../print.js';
import { AnswerIsNo } from '../usage.js';
import {
  addPerson,
  checkCaseId,
  HOME_OPTION,
  type HomeOptions,
  JSON_OPTION,
  type PersonOptions,
} from './options.js';

interface AccessOptions extends HomeOptions, PersonOptions {
  readonly member: string;
}

export function addAccess(program: Command): void {
  const access = program
    .command('access')
    .description(
      "Who viewed, searched and exported a member's cases, had one kept or erased, and what went by itself: for its data protection officer.",
    );
  const show = sub(
    access,
    'show',
    'List the log of accesses, legal holds and erasures, newest last. Reading it is logged as well.',
  );
  addPerson(show)
    .option('--case <id>', 'only what is about one case')
    .option('--names', 'with the names that the pseudonyms stand for; each look-up is logged')
    .action(showLog);
  const verify = sub(
    access,
    'verify',
    "Check the log against what the nation's ledger has of it: an entry that was changed or taken away since is found.",
    '\n\nExit code 0: every entry that went on record is there, as it was; 1: each line that begins with "FAULT" says what is not.',
  );
  addPerson(verify).action(verifyLog);
  sub(access, 'anchor', 'Have the log put on record now, and not only at the end of the day.').action(anchor);

  const actor = program.command('actor').description('The persons behind pseudonyms.');
  addPerson(actor.command('resolve'))
    .description('Whom a pseudonym of a member stands for: only its own edge knows. Asking is logged.')
    .argument('<pseudonym>', 'as it stands in a header: pn: and 32 hex digits')
    .requiredOption('--member <id>', 'whose edge to ask')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente actor resolve pn:0123456789abcdef0123456789abcdef --member hotline.de --home .entente',
    )
    .action(resolveActor);
}

function sub(access: Command, name: string, description: string, more = ''): Command {
  return access
    .command(name)
    .description(description)
    .requiredOption('--member <id>', 'whose edge to ask')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', `\nExample:\n  entente access ${name} --member hotline.de --home .entente${more}`);
}

async function showLog(
  options: AccessOptions & { readonly case?: string; readonly names?: boolean },
): Promise<void> {
  if (options.case !== undefined) checkCaseId(options.case);
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const { entries: all } = await readAll(client);
  const told = all.filter(({ entry }) => entry !== '');
  const gone = all.length - told.length;
  const entries = told
    .map(({ index, entry }) => ({ index, ...(JSON.parse(entry) as Entry) }))
    .filter(({ case_id: caseId }) => options.case === undefined || caseId === options.case);
  const names = options.names ? await namesOf(client, entries) : new Map<string, string>();
  print(options, { entries, names: Object.fromEntries(names), gone }, () => [
    ...entries.map((entry) => entryWords(entry, names.get(entry.actor) ?? entry.actor)),
    ...(entries.length > 0 ? [] : [nothingWords(options)]),
    ...(gone === 0
      ? []
      : [`Not shown: ${counted(gone, 'entry', 'entries')} whose time is over, of whatever case.`]),
  ]);
}

function nothingWords({ member, case: caseId }: AccessOptions & { readonly case?: string }): string {
  return `The log of ${member} has no entry${caseId === undefined ? '' : ` about the case ${caseId}`}.`;
}

const LONGEST_WORD = 'legal-hold-end'.length;

function entryWords(entry: Entry & { readonly index: number }, who: string): string {
  const { index, at_ms: atMs, what, case_id: caseId, message_id: messageId, justification } = entry;
  const about = [
    caseId && `case ${caseId}`,
    messageId && `message ${messageId}`,
    entry.detail,
    entry.reference && `by ${entry.reference}`,
    entry.accesses?.length && `of this log ${entry.accesses.map(rangeWords).join(', ')}`,
    entry.proposed_by && `proposed by ${entry.proposed_by}`,
    entry.approved_by?.length && `approved by ${entry.approved_by.join(', ')}`,
  ];
  const why = justification === '' ? '' : `  because: ${justification}`;
  return `${index}  ${new Date(atMs).toISOString()}  ${what.padEnd(LONGEST_WORD)} ${who}  ${about.filter(Boolean).join(', ')}${why}`;
}

/** `AccessEntry` of an edge. */
interface Entry {
  readonly at_ms: number;
  readonly actor: string;
  readonly what: string;
  readonly case_id: string;
  readonly message_id: string;
  readonly justification: string;
  readonly detail: string;
  readonly reference?: string;
  readonly proposed_by?: string;
  readonly approved_by?: readonly string[];
  readonly accesses?: readonly (readonly [first: number, last: number])[];
}

function rangeWords([first, last]: readonly [number, number]): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

async function namesOf(client: EdgeClient, entries: readonly Entry[]): Promise<Map<string, string>> {
  const actors = [...new Set(entries.map(({ actor }) => actor))].filter((actor) => actor.startsWith('pn:'));
  const names = new Map<string, string>();
  for (const actor of actors) names.set(actor, (await client.resolveActor(actor)).name);
  return names;
}

/** Up to the head that the first answer names: what comes while it is read, this very reading among it, is for the next time. */
async function readAll(client: EdgeClient) {
  const first = await client.access(0);
  const rows = [...first.entries];
  for (let page = first; page.entries.length > 0 && rows.length < first.size; ) {
    page = await client.access((rows.at(-1)?.index ?? 0) + 1);
    rows.push(...page.entries);
  }
  const entries: AccessEntryBytes[] = rows
    .filter(({ index }) => index < first.size)
    .map(({ index, entry, salt, leaf }) => ({
      ...{ index, entry, salt: Buffer.from(salt, 'base64') },
      ...(leaf === undefined ? {} : { leaf: Buffer.from(leaf, 'base64') }),
    }));
  return { entries, head: { size: first.size, root: Buffer.from(first.root, 'hex') } };
}

async function verifyLog(options: AccessOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const { entries, head } = await readAll(client);
  const sources = chooseLogs({ home: options.home, nation: nationOf(options.member) });
  const { anchors, faults } = await readAnchors(sources, options.member);
  const verified = verifyAccess(entries, head, anchors, Date.now());
  print(options, { ...verified, faults }, () => verifiedWords(options.member, verified, faults));
  if (verified.findings.length + faults.length > 0) throw new AnswerIsNo();
}

function verifiedWords(
  member: string,
  { size, anchored, anchors, erased, findings }: VerifiedAccess,
  faults: readonly AnchorFault[],
): string[] {
  return [
    `${member}: ${counted(size, 'entry', 'entries')}, ${counted(anchors, 'anchor')} in the log of the nation`,
    `  ${anchored} as they went on record; ${size - anchored} came since, and nothing but this edge vouches for them`,
    ...(erased === 0 ? [] : [`  ${erased} of them erased, as their time was over: their leaves are left`]),
    ...findings.map(({ code, detail }) => `FAULT ${code}: ${detail}`),
    ...faults.map(({ origin, code, detail }) => `FAULT ${origin} ${code}: ${detail}`),
    'Signatures of the anchors are checked by "entente audit verify".',
  ];
}

async function anchor(options: AccessOptions): Promise<void> {
  const answer = await edgeClient(readHome(resolve(options.home)), options.member).anchorAccess();
  print(options, answer, () => [
    answer.anchor === null
      ? 'Nothing was logged yet.'
      : `${counted(answer.anchor.size, 'entry', 'entries')}, root ${answer.anchor.root.slice(0, 16)}…: ${answer.is_new ? 'sent, until it is on record' : answer.anchor.state}`,
  ]);
}

async function resolveActor(pseudonym: string, options: AccessOptions): Promise<void> {
  const client = edgeClient(readHome(resolve(options.home)), options.member, options);
  const answer = await client.resolveActor(pseudonym);
  print(options, answer, () => [`${answer.pseudonym} is ${answer.name}`]);
}
