import type { X509Certificate } from 'node:crypto';
import { askWithin } from './ask-within.js';
import { checkStampTrust } from './check-stamp-trust.js';
import { AuditError } from './error.js';
import { openTimeStamp } from './open-time-stamp.js';
import { MAX_STAMP_BYTES } from './read-time-stamp.js';
import { formatStampRequest } from './time-stamp-request.js';

export interface StampRequest {
  /** Where the authority answers (RFC 3161 §3.4). */
  readonly url: string;
  readonly bytes: Uint8Array;
  /** 8 to 16 random bytes. */
  readonly nonce: Uint8Array;
  readonly roots: readonly X509Certificate[];
  readonly nowMs: number;
}

const TIMEOUT_MS = 15_000;
const SKEW_MS = 5 * 60_000;

/**
 * Asks an authority for a time stamp, and takes it only if others will believe it.
 * @returns TimeStampResp, DER
 * @throws AuditError `unreachable`, `time-wrong` if it is not of now, those of `openTimeStamp` and `checkStampTrust`
 */
export async function askTimeStamp({ url, bytes, nonce, roots, nowMs }: StampRequest): Promise<Uint8Array> {
  const question = {
    method: 'POST',
    body: formatStampRequest(bytes, nonce),
    headers: { 'content-type': 'application/timestamp-query' },
  };
  const answer = await askWithin(url, question, { withinMs: TIMEOUT_MS, maxBytes: MAX_STAMP_BYTES });
  if (!answer.ok || !answer.body) throw new AuditError('unreachable', `${url} answers ${answer.status}.`);
  const stamp = openTimeStamp(answer.body, bytes, nonce);
  checkStampTrust(stamp, roots);
  if (Math.abs(stamp.timeMs - nowMs) > SKEW_MS)
    throw new AuditError('time-wrong', 'The time stamp is not of now: compare the clocks.');
  return answer.body;
}
