import { Rejection } from '@entente/contract';
import { Command, CommanderError } from 'commander';
import { addAccess } from './commands/access.js';
import { addAudit } from './commands/audit.js';
import { addBackup } from './commands/backup.js';
import { addCase } from './commands/case.js';
import { addDecide } from './commands/decide.js';
import { addDirectory } from './commands/directory.js';
import { addDoctor } from './commands/doctor.js';
import { addEscalate } from './commands/escalate.js';
import { addEvidence } from './commands/evidence.js';
import { addExplain } from './commands/explain.js';
import { addForward } from './commands/forward.js';
import { addHolds } from './commands/holds.js';
import { addInbox } from './commands/inbox.js';
import { addInspect } from './commands/inspect.js';
import { addKeys } from './commands/keys.js';
import { addLedger } from './commands/ledger.js';
import { addLog } from './commands/log.js';
import { addMonitor } from './commands/monitor.js';
import { addPeer } from './commands/peer.js';
import { addPolicy } from './commands/policy.js';
import { addProof } from './commands/proof.js';
import { addQuarantine } from './commands/quarantine.js';
import { addRetention } from './commands/retention.js';
import { addSend } from './commands/send.js';
import { addServer } from './commands/server.js';
import { addUp } from './commands/up.js';
import { addUpdate } from './commands/update.js';
import { EdgeRefusal } from './network/ask-edge.js';
import { complain } from './print.js';
import { AnswerIsNo } from './usage.js';

/** The `entente` command. */
export function createProgram(): Command {
  const program = new Command('entente')
    .description(
      'Signed, encrypted, schema-validated case referrals between national hotlines, ministries and providers.',
    )
    .showHelpAfterError('(add --help for an example)')
    .exitOverride();
  for (const add of [
    ...[addUp, addDoctor, addSend, addInbox, addCase, addUpdate, addForward, addEscalate],
    ...[addHolds, addDecide, addExplain],
    ...[
      addAccess,
      addInspect,
      addAudit,
      addEvidence,
      addRetention,
      addPolicy,
      addDirectory,
      addPeer,
      addBackup,
      addKeys,
      addLedger,
      addLog,
      addMonitor,
      addProof,
      addQuarantine,
      addServer,
    ],
  ])
    add(program);
  for (const command of allCommands(program)) command.exitOverride();
  return program;
}

/** Runs one command line. Exit codes: 0 yes, 1 the answer is no, 2 it could not be asked like that. */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof AnswerIsNo) return 1;
    // commander has printed its own message; asking for help is no fault.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // Whoever has asked for it sees what it quotes.
    const words = error instanceof Rejection ? error.toAuthor() : (error as Error).message;
    complain(`entente: ${words}`);
    return error instanceof EdgeRefusal && error.status > 0 ? 1 : 2;
  }
}

export function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
