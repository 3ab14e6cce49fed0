import { type MemberId, subjects, wire } from '@entente/contract';
import { busOfGate } from './hostile.js';
import { type Claimed, logAs } from './log-as.js';
import type { TestNetwork } from './network.js';
import { refusals } from './state.js';
import { waitFor } from './wait.js';

export type DeliveryDraft = Parameters<typeof wire.delivery.encode>[0];
export type GateThief = Awaited<ReturnType<typeof stealGates>>;

/**
 * Somebody with the credentials of the gates of DE and FR: delivers what it likes, and has both ledgers log what it likes.
 * A permit that a gate logged against its rules is found by replay; what an edge refuses lacks something that no gate can make.
 */
export async function stealGates(net: TestNetwork) {
  const gates = { DE: await busOfGate(net.home, 'DE'), FR: await busOfGate(net.home, 'FR') };
  const deliver = async (to: string, delivery: DeliveryDraft) => {
    const gate = to.endsWith('.de') ? gates.DE : gates.FR;
    await gate.publish(subjects.in(to as MemberId), wire.delivery.encode(delivery), { timeoutMs: 60_000 });
  };
  return {
    deliver,
    /** Delivers, and waits for the code with which the edge refuses. */
    refusalOf: async (to: string, delivery: DeliveryDraft): Promise<string | undefined> => {
      const before = (await refusals(net, to)).length;
      await deliver(to, delivery);
      const codes = await waitFor('a refusal', async () => {
        const now = await refusals(net, to);
        return now.length > before ? now : undefined;
      });
      return codes[0];
    },
    /** Under a directory that has just been published it waits until the true gate has adopted it: each looks in its own time. */
    log: async (nation: string, envelope: Uint8Array, claimed: Claimed) =>
      await waitFor(
        `${nation} to adopt what is published`,
        async () => await logAs(net.home, nation, envelope, claimed).catch(notStale),
      ),
    close: async () => void (await Promise.all([gates.DE.close(), gates.FR.close()])),
  };
}

export function passage(envelope: Uint8Array, proofs: readonly wire.EntryFrame[]): DeliveryDraft {
  return { passage: { envelope: wire.envelope.decode(envelope), proofs } };
}

function notStale(error: Error): undefined {
  if (!error.message.endsWith('adoption-stale')) throw error;
}
