import { resolve } from 'node:path';
import { APPROVAL_REASON } from '@entente/contract';
import type { Command } from 'commander';
import { edgeClient } from '../network/edge-client.js';
import { readHome } from '../network/home.js';
import { print } from '../print.js';
import { UsageError } from '../usage.js';
import {
  ACTOR_WORDS,
  addPerson,
  HOME_OPTION,
  type HomeOptions,
  JSON_OPTION,
  type PersonOptions,
} from './options.js';

interface HoldOptions extends HomeOptions, PersonOptions {
  readonly member: string;
}

interface DecideOptions extends HomeOptions {
  readonly member: string;
  readonly reason: string;
  readonly justification: string;
  readonly actor?: string;
  readonly heldBy?: string;
}

export function addHolds(program: Command): void {
  addPerson(program.command('holds'))
    .description('What waits for the release of a member, a court for instance, and until when.')
    .requiredOption('--member <id>', 'whose edge to ask')
    .option(...HOME_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  entente holds --member court.nl --justification "Orders of today" --home .entente',
    )
    .action(list);
  for (const decision of ['release', 'refuse'] as const) {
    program
      .command(decision)
      .description(
        decision === 'release'
          ? 'Release a message that waits: the rules are asked again, with this release.'
          : 'Refuse the release of a message that waits: it goes back to its sender, with the reason.',
      )
      .argument('<hash>', 'hash of the message, from "entente holds"')
      .requiredOption('--member <id>', 'who decides')
      .requiredOption('--reason <word>', APPROVAL_REASON.join(', '))
      .requiredOption(
        '--justification <text>',
        'why; kept at the edge of who decides, a commitment to it is sent',
      )
      .option('--actor <name>', ACTOR_WORDS)
      .option('--held-by <nation>', 'whose gate holds it, where several have it wait for this member')
      .option(...HOME_OPTION)
      .option(...JSON_OPTION)
      .addHelpText(
        'after',
        `\nExample:\n  entente ${decision} 5f2c…(64 hex digits) --member court.nl --reason ${decision === 'release' ? 'lawful' : 'disproportionate'} --justification "Order 17/26 of the court" --home .entente`,
      )
      .action((hash: string, options: DecideOptions) => decide(decision, hash, options));
  }
}

async function list(options: HoldOptions): Promise<void> {
  const { holds } = await edgeClient(readHome(resolve(options.home)), options.member, options).holds();
  print(options, { holds }, () =>
    holds.length === 0
      ? ['Nothing waits.']
      : holds.flatMap(({ message_hash, from, to, until, held_by, facts, rules, decision }) => [
          `${message_hash}`,
          `  ${from} → ${to}: ${facts.category}, ${facts.action}, ${facts.force}; held by ${held_by} until ${until}`,
          ...rules.map(({ id, says, basis }) => `  ${id}: ${says} [${basis}]`),
          `  ${decision ? `decided: ${decision.decision} (${decision.reason}), ${decision.state}` : 'not decided'}`,
        ]),
  );
}

async function decide(
  decision: 'release' | 'refuse',
  hash: string,
  { reason, justification, actor, heldBy, ...options }: DecideOptions,
): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new UsageError(`"${hash}" is no hash of a message: 64 hex digits, from "entente holds".`);
  if (!(APPROVAL_REASON as readonly string[]).includes(reason))
    throw new UsageError(`"${reason}" is no reason: ${APPROVAL_REASON.join(', ')}.`);
  const client = edgeClient(readHome(resolve(options.home)), options.member, actor ? { actor } : {});
  const kept = await client.decideHold(hash, {
    ...{ decision, reason, justification },
    ...(heldBy === undefined ? {} : { held_by: heldBy.toUpperCase() }),
  });
  print(options, kept, () => [
    `${options.member} has said "${kept.decision}" (${kept.reason}); it is sent until the gate has it on record.`,
  ]);
}
