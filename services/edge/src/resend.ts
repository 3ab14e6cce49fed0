import type { Edge } from './state.js';

/** The longest time until a message is sent again. */
export const LAST_RESEND_MS = 300_000;

/** Until what did not leave is tried again. */
export const AGAIN_SOON_MS = 1000;

/** Until what is not answered is sent again for the first time. */
export const FIRST_RESEND_MS = 4000;

interface Waiting {
  readonly id: string;
  readonly expiresMs: number;
  /** How often it was sent. */
  readonly attempts: number;
}

interface WaitingStore {
  readonly retryAt: (id: string, atMs: number, attempts: number) => void;
  readonly end: (id: string, state: 'expired', code: string) => void;
}

/** When what waits for an answer is sent again: after 4 s or more, doubled with each sending, up to 5 minutes. */
export function resendAtMs(nowMs: number, attempts: number, firstMs = FIRST_RESEND_MS): number {
  return nowMs + Math.min(Math.round(firstMs) * 2 ** attempts, LAST_RESEND_MS);
}

/**
 * Sends what its store shows again until it is answered, the same bytes under the same id, or its time is over.
 * @returns whether it has left, or ended
 */
export async function sendUntilAnswered(
  edge: Pick<Edge, 'now' | 'logger'>,
  store: WaitingStore,
  { id, expiresMs, attempts }: Waiting,
  send: () => Promise<void>,
): Promise<boolean> {
  const nowMs = edge.now();
  if (nowMs >= expiresMs) {
    store.end(id, 'expired', 'expired');
    return true;
  }
  try {
    // Before it is sent: on a full disk it would be sent again in every turn.
    store.retryAt(id, resendAtMs(nowMs, attempts), attempts + 1);
    await send();
    return true;
  } catch (error) {
    tryAgainSoon(edge, id, error, (atMs) => store.retryAt(id, atMs, attempts));
    return false;
  }
}

/**
 * It has not left, and that is not its own fault: as if it had not been tried, for what is sent when the outage is over, and lost, would come
 * again minutes later.
 */
export function tryAgainSoon(
  { now, logger }: Pick<Edge, 'now' | 'logger'>,
  id: string,
  error: unknown,
  retryAt: (atMs: number) => void,
): void {
  logger.warn({ err: error, id }, 'cannot send now, will try again');
  retryAt(now() + AGAIN_SOON_MS);
}
