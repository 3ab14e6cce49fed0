import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCaseName, LIMITS, wire } from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import { append } from './ledger-client.js';
import { FIRST, type GateDeps } from './state.js';

const DAY_MS = 86_400_000;
/** Later nobody accepts it any more, whatever it says of itself: it was issued before it came. */
const LONGEST_MS = LIMITS.lifetimeMs + LIMITS.skewMs;
/** So many in one turn: each is an entry. */
const AT_ONCE = 50;

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
  const held = await readHeld(gate.quarantineDir);
  const over = findOver(gate, held);
  for (const id of over) {
    await append(gate, {
      ...{ event: 'quarantine-end', stage: '', step: FIRST, messageHash: Buffer.from(id, 'hex') },
      erasure: { reason: 'time-over', reference: `QUARANTINE_DAYS ${gate.quarantineDays}` },
    });
    gate.quarantine.drop(id);
  }
  if (over.length > 0)
    gate.logger.info({ messages: over.length }, 'what was in quarantine for its time is gone');
  return over.length;
}

function findOver(gate: GateDeps, held: ReadonlySet<string>): string[] {
  const beforeMs = gate.now() - gate.quarantineDays * DAY_MS;
  const over: string[] = [];
  // What has come since cannot be over, and is not read.
  for (const message of gate.quarantine.keptUntil(beforeMs)) {
    const { caseId, expiresMs } = nameIt(message);
    const isOver = Math.min(expiresMs, message.keptMs + LONGEST_MS) <= beforeMs;
    if (isOver && !held.has(caseId)) over.push(message.id);
    if (over.length === AT_ONCE) break;
  }
  return over;
}

/** What it says of itself, which nothing proves: of what cannot be read, no case, and never. */
function nameIt({ subject, bytes }: { readonly subject: string; readonly bytes: Uint8Array }) {
  try {
    const envelope = subject.startsWith('edge.')
      ? wire.envelope.decode(bytes)
      : wire.crossing.decode(bytes).passage?.envelope;
    const { caseId, expiresAtMs } = readUnverifiedHeader(envelope?.seal ?? new Uint8Array());
    return { caseId, expiresMs: expiresAtMs };
  } catch {
    // It is in quarantine: that it cannot be read may be why.
    return { caseId: '', expiresMs: Number.POSITIVE_INFINITY };
  }
}

/**
 * The cases that nobody may erase, from `legal-hold.json` in the folder of the quarantine: `{"cases": ["…"]}`.
 * @throws Error if the file is there and cannot be read
 */
async function readHeld(dir: string): Promise<ReadonlySet<string>> {
  const path = join(dir, 'legal-hold.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"cases":[]}';
    throw error;
  });
  const cases = casesIn(text);
  if (!Array.isArray(cases) || !cases.every(isCaseName))
    throw new Error(
      `${path} is no legal hold: write {"cases": ["…"]}, each of 1 to 64 letters, digits and hyphens`,
    );
  return new Set(cases);
}

function casesIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly cases?: unknown } | null)?.cases;
  } catch {
    return undefined;
  }
}
