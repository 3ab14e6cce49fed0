import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '@entente/contract';
import { MORE } from '@entente/runtime';
import { readCarriedHeader } from '@entente/seal';
import { append } from './ledger-client.js';
import { followQuarantineHolds, readQuarantineHolds } from './quarantine-holds.js';
import { FIRST, type GateDeps } from './state.js';

const DAY_MS = 86_400_000;
/** Later nobody accepts it any more, whatever it says of itself: it was issued before it came. */
const LONGEST_MS = LIMITS.lifetimeMs + LIMITS.skewMs;
/** So many in one turn: each is an entry. */
const AT_ONCE = 50;

/** One turn of `repeat`, which has left MORE where as many as a turn can end were over. */
export async function endOver(gate: GateDeps): Promise<typeof MORE | undefined> {
  return (await endQuarantine(gate)) < AT_ONCE ? undefined : MORE;
}

/**
 * A message in quarantine goes `quarantineDays` after it has expired, but for those of cases on legal hold; an entry of the log says so, by the
 * name that it has in the folder. That is of a digest of bytes that nobody can guess, and says nothing of who sent it to whom.
 *
 * INVARIANT: the entry comes first. After a crash, and where another gate has the same folder, there is no second one.
 *
 * @returns how many went
 * @throws as `append`; Error if the legal holds cannot be read: then nothing goes
 */
export async function endQuarantine(gate: GateDeps): Promise<number> {
  if (!gate.clock.agrees() || !gate.clock.wasTold()) return 0;
  const held = followQuarantineHolds(gate.quarantineDir);
  const over = await findOver(gate, held());
  let went = 0;
  for (const { id, caseId } of over) {
    const isOver = await gate.quarantine.inTurn(async () => {
      // A hold may be laid while the entries of the others are made, and somebody else may drop it.
      if (held().has(caseId) || !gate.quarantine.has(id)) return false;
      await append(gate, {
        ...{ event: 'quarantine-end', stage: '', step: FIRST, messageHash: Buffer.from(id, 'hex') },
        erasure: { reason: 'time-over', reference: `QUARANTINE_DAYS ${gate.quarantineDays}` },
      });
      return gate.quarantine.drop(id);
    });
    if (isOver) went += 1;
  }
  if (went > 0) gate.logger.info({ messages: went }, 'what was in quarantine for its time is gone');
  return went;
}

type Kept = Pick<GateDeps, 'quarantine' | 'quarantineDir' | 'quarantineDays' | 'now'>;

/**
 * How many messages go from quarantine in which month (YYYY-MM, UTC), and how many a legal hold keeps. One message in each turn of the event
 * loop: there may be 256 MiB of them, and whoever asks keeps nothing else waiting.
 * @throws Error if the legal holds cannot be read
 */
export async function planQuarantine({ quarantine, quarantineDir, quarantineDays, now }: Kept) {
  const cases = readQuarantineHolds(quarantineDir);
  const nowMs = now();
  const months = new Map<string, number>();
  let held = 0;
  for (const message of quarantine.keptUntil(Number.MAX_VALUE)) {
    await nextTurn();
    const { caseId, untilMs } = nameIt(message, quarantineDays);
    const month = new Date(Math.max(untilMs, nowMs)).toISOString().slice(0, 7);
    if (cases.has(caseId)) held += 1;
    else months.set(month, (months.get(month) ?? 0) + 1);
  }
  const rows = [...months].map(([month, quarantined]) => ({ month, quarantined }));
  return { quarantine_days: quarantineDays, months: rows.sort((a, b) => (a.month < b.month ? -1 : 1)), held };
}

interface Over {
  readonly id: string;
  readonly caseId: string;
}

/** One message in each turn of the event loop, so that nothing else waits for it. */
async function findOver(gate: GateDeps, held: ReadonlySet<string>): Promise<Over[]> {
  const nowMs = gate.now();
  const over: Over[] = [];
  // What has come since cannot be over, and is not read.
  for (const message of gate.quarantine.keptUntil(nowMs - gate.quarantineDays * DAY_MS)) {
    await nextTurn();
    const { caseId, untilMs } = nameIt(message, gate.quarantineDays);
    if (untilMs <= nowMs && !held.has(caseId)) over.push({ id: message.id, caseId });
    if (over.length === AT_ONCE) break;
  }
  return over;
}

interface Message {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly keptMs: number;
}

/** The case that it names, which nothing proves, and until when it is kept. */
function nameIt(message: Message, quarantineDays: number) {
  // What it says of itself, which nothing proves: of what cannot be read, no case, and never.
  const { caseId = '', expiresAtMs = Number.POSITIVE_INFINITY } =
    readCarriedHeader(message.subject, message.bytes) ?? {};
  return { caseId, untilMs: Math.min(expiresAtMs, message.keptMs + LONGEST_MS) + quarantineDays * DAY_MS };
}
