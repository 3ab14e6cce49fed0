import { inStream } from '@entente/bus';
import type { SentMessage } from '@entente/cli';
import { memberToken, unpackBatch, wire } from '@entente/contract';
import { busOfMember } from './hostile.js';
import type { TestNetwork } from './network.js';
import { waitFor } from './wait.js';

/** Before an edge sends once more what has no outcome: the entry would come again with that. */
const BEFORE_A_RESEND_MS = 3000;
const TRIES = 50;

interface Lost {
  readonly id: string;
  readonly caseId: string;
}

/**
 * Sends until a message has that outcome while the entry of one gate about it is lost for good: somebody with the sender's credential takes it
 * from the stream, acknowledges it, and gives all else back.
 * @param send hands a message in
 * @param evidence what the entry says
 * @param end the outcome of what is sent
 */
export async function loseEntry(
  net: TestNetwork,
  member: string,
  send: () => Promise<Lost>,
  evidence: string,
  end: SentMessage['outcome'] = 'delivered',
): Promise<Lost> {
  const bus = await busOfMember(net.home, member);
  const taken = new Set<string>();
  const token = memberToken(member);
  const thief = bus.consume({ stream: inStream(token), durable: token }, async ({ data }) => {
    const deliveries = unpackBatch(data).map((one) => wire.delivery.decode(one));
    const [only] = deliveries;
    const id = only?.answer?.evidence === evidence ? only.answer.messageId : undefined;
    if (id === undefined || deliveries.length > 1 || taken.size > 0) return { retryInMs: 0 };
    taken.add(id);
    return 'done';
  });
  try {
    for (let n = 0; n < TRIES; n += 1) {
      const startedMs = Date.now();
      const sent = await send();
      const { evidence: pieces } = await waitFor(`that it is ${end}`, async () => {
        const message = await net.client(member).message(sent.id);
        return message.outcome === end ? message : undefined;
      });
      const isInTime = Date.now() - startedMs < BEFORE_A_RESEND_MS;
      const isThere = pieces.some((piece) => piece.evidence === evidence);
      if (taken.has(sent.id) && !isThere && isInTime) return sent;
      taken.clear();
    }
  } finally {
    await thief.stop();
    await bus.close();
  }
  throw new Error(`no ${evidence} could be taken away from ${member}`);
}
