import { subjects } from '@entente/contract';
import { LAST_RESEND_MS } from './outbox.js';
import type { RequestRow } from './request-store.js';
import { type Edge, TIMEOUT_MS } from './state.js';

const AT_ONCE = 16;
const AGAIN_SOON_MS = 1000;
const FIRST_RESEND_MS = 4000;

/** Sends anchors and inspections until each is answered; the same bytes under the same id, so that a repeat changes nothing. */
export async function sendRequests(edge: Edge): Promise<void> {
  await Promise.all(edge.requests.due(edge.now(), AT_ONCE).map((row) => sendOne(edge, row)));
}

async function sendOne(edge: Edge, { id, envelope, expiresMs, attempts }: RequestRow): Promise<void> {
  const nowMs = edge.now();
  if (nowMs >= expiresMs) return edge.requests.end(id, 'expired', 'expired');
  try {
    // Before it is sent: on a full disk it would be sent again in every turn.
    edge.requests.retryAt(id, nowMs + Math.min(FIRST_RESEND_MS * 2 ** attempts, LAST_RESEND_MS));
    await edge.bus.publish(subjects.out(edge.member), envelope, { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    edge.logger.warn({ err: error, id }, 'cannot send now, will try again');
    edge.requests.retryAt(id, nowMs + AGAIN_SOON_MS);
  }
}
