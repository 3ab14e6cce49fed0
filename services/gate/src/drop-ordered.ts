import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BusError } from '@entente/bus';
import { NotNow } from '@entente/runtime';
import { readCarriedHeader } from '@entente/seal';
import { append } from './ledger-client.js';
import { perGate } from './per-gate.js';
import { followQuarantineHolds } from './quarantine-holds.js';
import { type DropOrder, type DropOrderFile, readDropOrders } from './read-drop-orders.js';
import type { GateDeps } from './state.js';

/**
 * What a person has ordered to go from quarantine goes: an entry of the log says of each message that, why and who wanted it, by the name that
 * it has in the folder. A legal hold on the case of one of them refuses the whole order; one that is laid while it is carried out, what is left of
 * it. An order that fails is told of once, is tried again,
 * and holds up no other.
 *
 * INVARIANT: the entry comes first. After a crash, and where another gate has the same folder, there is no second one for the same order.
 *
 * @returns how many went by orders that are done
 * @throws NotNow, BusError as `append`; Error if the legal holds cannot be read: then nothing goes
 */
export async function dropOrdered(gate: GateDeps): Promise<number> {
  if (!gate.clock.agrees()) return 0;
  const holds = followQuarantineHolds(gate.quarantineDir);
  holds();
  const failed = failedOf(gate);
  failed.forget();
  let dropped = 0;
  for (const file of readDropOrders(gate.quarantineDir, failed.has)) {
    try {
      dropped += await carryOut(gate, file, holds);
    } catch (error) {
      // A ledger that is away is away for all of them.
      if (error instanceof NotNow || error instanceof BusError) throw error;
      failed.say(file.name, error);
    }
  }
  return dropped;
}

/** What was said of orders that failed, by their names. */
const failedOf = perGate(({ quarantineDir, logger }: GateDeps) => {
  const said = new Map<string, string>();
  return {
    has: (name: string) => said.has(name),
    /** Of those that are there no more. */
    forget: () => {
      for (const name of said.keys()) if (!existsSync(join(quarantineDir, 'erase', name))) said.delete(name);
    },
    say: (order: string, error: unknown) => {
      if (said.get(order) !== String(error))
        logger.error(
          { order, err: error },
          'ALARM: an order to drop from quarantine fails, and is tried again',
        );
      said.set(order, String(error));
    },
  };
});

type Holds = ReturnType<typeof followQuarantineHolds>;

/** @returns how many went */
async function carryOut(
  gate: GateDeps,
  { name, text, order, done }: DropOrderFile,
  holds: Holds,
): Promise<number> {
  const { went, problem } =
    typeof order === 'string' ? { went: 0, problem: order } : await dropAll(gate, order, text, holds);
  if (problem === undefined) move(() => done('done'), 'it is done');
  else move(() => done('refused'), `it is refused (${problem})`);
  if (problem !== undefined)
    gate.logger.error({ order: name, problem }, 'ALARM: an order to drop from quarantine is refused');
  if (went > 0 || problem === undefined)
    gate.logger.info({ order: name, messages: went }, 'dropped from quarantine by order');
  return went;
}

interface Outcome {
  readonly went: number;
  /** In words, why the others stay. */
  readonly problem?: string;
}

async function dropAll(gate: GateDeps, order: DropOrder, text: string, holds: Holds): Promise<Outcome> {
  const named = await namedBy(gate, order, holds());
  if (typeof named === 'string') return { went: 0, problem: named };
  let went = 0;
  for (const { id, caseId } of named) {
    const outcome = await gate.quarantine.inTurn(async () => {
      // A thousand entries take their time, in which a court may want it kept.
      if (holds().has(caseId)) return 'held';
      // Or handled again: of what went on no entry says that it was dropped.
      if (!gate.quarantine.has(id)) return 'gone';
      return await dropOne(gate, id, order, text);
    });
    if (outcome === 'held') return { went, problem: held(id) };
    if (outcome === 'dropped') went += 1;
  }
  return { went };
}

function move(work: () => void, whatBecame: string): void {
  try {
    work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`${whatBecame}, and its file cannot be renamed: ${code}`, { cause });
  }
}

async function dropOne(
  gate: GateDeps,
  id: string,
  { reason, reference, signoff }: DropOrder,
  text: string,
): Promise<'dropped'> {
  const step = createHash('sha256').update(text).digest('hex');
  await append(gate, {
    ...{ event: 'quarantine-end', stage: '', step, messageHash: Buffer.from(id, 'hex') },
    erasure: { reason, reference, ...signoff },
  });
  gate.quarantine.drop(id);
  return 'dropped';
}

interface Named {
  readonly id: string;
  readonly caseId: string;
}

/**
 * Those of them that are there: others went by an earlier try. All that is there may have to be read: one in each turn of the event loop, so
 * that nothing else waits for it.
 * @returns in words, why they stay
 */
async function namedBy(
  gate: GateDeps,
  { messages, caseId }: DropOrder,
  holds: ReadonlySet<string>,
): Promise<Named[] | string> {
  if (caseId !== undefined && holds.has(caseId)) return 'the case is under legal hold';
  const found: Named[] = [];
  const isNamed = (id: string) => caseId !== undefined || messages.includes(id);
  for (const { id, subject, bytes } of gate.quarantine.keptUntil(Number.MAX_VALUE, isNamed)) {
    await nextTurn();
    const ofCase = readCarriedHeader(subject, bytes)?.caseId ?? '';
    if (caseId !== undefined && ofCase !== caseId) continue;
    if (holds.has(ofCase)) return held(id);
    found.push({ id, caseId: ofCase });
  }
  return found;
}

const held = (id: string): string => `${id} is under legal hold`;
