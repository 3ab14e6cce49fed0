import type { X509Certificate } from 'node:crypto';
import { AuditError, askTimeStamp } from '@entente/audit';
import { type AlarmBell, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { Attested, MonitorStore } from './store.js';

export interface Stamping extends AlarmBell {
  readonly store: MonitorStore;
  readonly url: string;
  readonly roots: readonly X509Certificate[];
  readonly everyMs: number;
  /** An authority that cannot be reached for so long is an alarm. */
  readonly silenceMs: number;
  readonly startedMs: number;
  readonly newNonce: () => Uint8Array;
  /** By log: since when a stamp is missing, and when to ask again. */
  readonly missing: Map<string, { readonly sinceMs: number; readonly againMs: number }>;
}

const AGAIN_AFTER_MS = 30_000;

/**
 * Has the newest checkpoint of a log stamped, when its time has come and it has grown. One stamp covers all entries before it: while the
 * authority does not answer nothing has to be queued, the next one covers them.
 */
export async function stampLog(stamping: Stamping, { origin }: FollowedLog): Promise<void> {
  const { store, url, roots, everyMs, newNonce, missing } = stamping;
  const nowMs = stamping.now();
  const last = store.lastStamped(origin);
  if (last && nowMs - last.atMs < everyMs) return;
  const newest = newestOf(store, origin, last?.size ?? 0);
  const waiting = missing.get(origin);
  if (!newest || (waiting && nowMs < waiting.againMs)) return;
  try {
    const bytes = Buffer.from(newest.note);
    const stamp = await askTimeStamp({ url, bytes, nonce: newNonce(), roots, nowMs });
    store.addStamped(origin, { ...newest, stamp, atMs: nowMs });
    missing.delete(origin);
    store.end(origin, 'not-stamped');
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    const sinceMs = waiting?.sinceMs ?? nowMs;
    missing.set(origin, { sinceMs, againMs: nowMs + AGAIN_AFTER_MS });
    // Who does not answer may do so soon; who gives what does not hold, will not by itself.
    if (error.code === 'unreachable' && nowMs - sinceMs < stamping.silenceMs) return;
    const detail = `the time stamp authority gives no time stamp (${error.code})`;
    raiseAlarm(stamping, { origin, kind: 'not-stamped', detail, notes: [] });
  }
}

/** Best with the cosignatures: the stamp then says that they were there as well. */
function newestOf(store: MonitorStore, origin: string, stampedSize: number): Attested | undefined {
  const candidates = [store.attested(origin), store.seenOf(origin)[0]];
  return candidates.find((one) => one !== undefined && one.size > stampedSize);
}
