import { subjects } from '@entente/contract';
import type { RequestRow } from './request-store.js';
import { sendUntilAnswered } from './resend.js';
import { type Edge, TIMEOUT_MS } from './state.js';

const AT_ONCE = 16;

/** Sends anchors and inspections until each is answered; the same bytes under the same id, so that a repeat changes nothing. */
export async function sendRequests(edge: Edge): Promise<void> {
  await Promise.all(edge.requests.due(edge.now(), AT_ONCE).map((row) => sendOne(edge, row)));
}

async function sendOne(edge: Edge, row: RequestRow): Promise<void> {
  const send = async () =>
    await edge.bus.publish(subjects.out(edge.member), row.envelope, { timeoutMs: TIMEOUT_MS });
  await sendUntilAnswered(edge, edge.requests, row, send);
}
