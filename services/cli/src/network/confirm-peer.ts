import { setTimeout as delay } from 'node:timers/promises';
import { askWithin } from '@entente/audit';

/** What a gate that was asked exchanges with. */
export interface Confirmation {
  readonly gate: string;
  /** `unreachable`: it was not asked further. */
  readonly state: 'in-effect' | 'not-in-effect' | 'unreachable';
}

const ASK_WITHIN_MS = 3000;
const ASK_AGAIN_MS = 200;
/** Of a few hundred nations. */
const MAX_BYTES = 256 * 1024;

/**
 * Asks gates whether they exchange with a nation as was decided, until all of them do. A part that they refuse, since they have seen a
 * later one, leaves them as they were, and nothing but they know.
 * @param gates the addresses of their operation ports
 */
export async function confirmPeer(
  gates: readonly string[],
  peer: string,
  isWanted: boolean,
  waitMs: number,
): Promise<Confirmation[]> {
  const untilMs = Date.now() + waitMs;
  return await Promise.all(
    gates.map(async (gate): Promise<Confirmation> => {
      for (;;) {
        const counterparts = await counterpartsOf(gate);
        if (!counterparts) return { gate, state: 'unreachable' };
        if (counterparts.includes(peer) === isWanted) return { gate, state: 'in-effect' };
        if (Date.now() >= untilMs) return { gate, state: 'not-in-effect' };
        await delay(ASK_AGAIN_MS);
      }
    }),
  );
}

async function counterpartsOf(gate: string): Promise<readonly string[] | undefined> {
  try {
    const { body } = await askWithin(
      new URL('/counterparts', gate).href,
      {},
      { withinMs: ASK_WITHIN_MS, maxBytes: MAX_BYTES, onlyOf: 200 },
    );
    if (!body) return undefined;
    const page = JSON.parse(body.toString('utf8')) as {
      readonly counterparts: readonly { readonly nation: string }[];
    };
    return page.counterparts.map(({ nation }) => nation);
  } catch {
    return undefined;
  }
}
