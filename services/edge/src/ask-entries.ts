import { wire } from '@entente/contract';
import { FIRST_ASK_MS, type IncompleteWay } from './incomplete-ways.js';
import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/** No more than that in a turn: after a partition there are many, and what is sent meanwhile goes the same way. */
const AT_ONCE = 16;
/** After 1, 3, 7, 15, 31, 63 and 127 minutes: a gate that is down for longer is one that somebody has to look after. */
const ASKS = 7;
const GIVEN_UP = ASKS + 1;
/** How long an operator still reads of one that was given up. */
const TOLD_MS = 24 * 3_600_000;

/**
 * Asks for the entries of gates that let a message pass and whose evidence of that was lost: nobody sends a message again that was delivered or
 * refused, and without those its sender cannot prove by itself that both gates have passed it.
 *
 * INVARIANT: with the seal alone. Each gate looks up what it has on record and does that again, the recipient repeats its evidence, and nobody
 * can take it for a new message: not a gate whose log was lost, nor a recipient that was put back from its backup.
 */
export async function askEntries(edge: Edge): Promise<void> {
  const nowMs = edge.now();
  const due = edge.ways.due(nowMs, AT_ONCE);
  if (due.length === 0) return;
  // Before it is sent: on a full disk it would be sent again in every turn.
  const asks = await edge.commit(() => due.flatMap((way) => decide(edge, way, nowMs)));
  await Promise.all(asks.map((ask) => send(edge, ask)));
}

interface Ask {
  readonly way: IncompleteWay;
  readonly row: OutboxRow;
  /** At least its seal. */
  readonly envelope: Uint8Array;
}

/** @returns what has to be sent */
function decide(edge: Edge, way: IncompleteWay, nowMs: number): Ask[] {
  const { id, asked } = way;
  const row = edge.outbox.find(id);
  // Without its seal nothing of it can be proved any more.
  const isOver = asked === GIVEN_UP || !row?.envelope || edge.ways.isWhole(id, row.to);
  if (isOver) {
    edge.ways.remove(id);
    return [];
  }
  // By then no gate sends it on.
  if (asked === ASKS || nowMs >= row.expiresMs) {
    edge.ways.putOff(id, GIVEN_UP, nowMs + TOLD_MS);
    const shown = edge.evidence.list(id).map(({ evidence, source }) => `${evidence} ${source}`);
    edge.logger.error({ id, outcome: row.outcome, shown }, GIVEN_UP_WORDS);
    return [];
  }
  edge.ways.putOff(id, asked + 1, nowMs + FIRST_ASK_MS * 2 ** (asked + 1));
  return [{ way, row, envelope: row.envelope }];
}

const GIVEN_UP_WORDS =
  'this message has its outcome, and a gate on its way does not show its entry: it is not asked any more; the entry is in the log of its nation';

async function send(edge: Edge, { way, row: { id, messageHash }, envelope }: Ask): Promise<void> {
  const about = () => ({ message: messageHash as Uint8Array, words: { 'message.id': id } });
  try {
    const { seal } = wire.envelope.decode(envelope);
    await edge.tracing.span('edge.send-again', about, () => edge.send(wire.envelope.encode({ seal })));
  } catch (error) {
    edge.logger.warn({ err: error, id }, 'cannot ask for the entries of this message now, will try again');
    // It has not left, so nobody was asked.
    edge.ways.putOff(id, way.asked, edge.now() + FIRST_ASK_MS);
  }
}
