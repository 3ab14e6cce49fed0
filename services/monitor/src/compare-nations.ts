import { LIMITS } from '@entente/contract';
import type { AlarmKind } from './alarm-store.js';
import type { Span, Untold, Way } from './crossing-store.js';
import { type AlarmBell, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { MonitorStore } from './store.js';

export interface Comparing extends AlarmBell {
  readonly store: MonitorStore;
  /** The time that a message may take between two gates. */
  readonly relayMs: number;
}

/**
 * What one nation's log says has crossed, the other's has within the clock (DESIGN §4, step 8). Only between nations whose records are
 * read here. Each message is told once: while an alarm of a way and kind is open, what comes to it waits for the next one, so that a
 * person has as many to look into as she has closed, and one more.
 */
export function compareNations({ relayMs, ...bell }: Comparing, logs: readonly FollowedLog[]): void {
  const { crossings } = bell.store;
  const read = readNations(logs);
  let openMs = Math.min(bell.now(), crossings.readMs(originsOf(logs, read)));
  crossings.dropInTime(relayMs);
  for (const from of read) {
    for (const to of read) {
      if (from === to) continue;
      for (const side of ['left', 'came'] as const) {
        compareWay(bell, logs, { from, to, side }, relayMs);
        openMs = Math.min(openMs, crossings.oldestUntoldMs({ from, to, side }));
      }
      tellOnce(bell, 'late', `${from} to ${to}`, (tell) => crossings.tellLate({ from, to }, tell));
    }
  }
  crossings.forgetTold(bell.now());
  crossings.forgetHidden(openMs);
}

/** Whose ledgers show this monitor their records. */
export function readNations(logs: readonly FollowedLog[]): ReadonlySet<string> {
  return new Set(logs.filter(({ token }) => token !== undefined).map(({ nation }) => nation));
}

type Bell = Omit<Comparing, 'relayMs'>;

function compareWay(bell: Bell, logs: readonly FollowedLog[], way: Way, relayMs: number): void {
  const { crossings } = bell.store;
  const { from, to, side } = way;
  const origins = originsOf(logs, new Set([side === 'left' ? to : from]));
  const span = spanOf(side, relayMs, Math.min(bell.now(), crossings.readMs(origins)));
  const missing = side === 'left' ? 'never-arrived' : 'arrived-without-leaving';
  tellOnce(bell, missing, `${from} to ${to}`, (tell) => crossings.tellUnmet(way, span, false, tell));
  const words = side === 'left' ? 'arrived' : 'left';
  tellOnce(bell, 'not-compared', `${from} to ${to}, whether they ${words}`, (tell) =>
    crossings.tellUnmet(way, span, true, tell),
  );
}

function originsOf(logs: readonly FollowedLog[], nations: ReadonlySet<string>): string[] {
  return logs.filter(({ nation }) => nations.has(nation)).map(({ origin }) => origin);
}

/**
 * Which are due now, and around which time their other half is logged. Two ledgers' clocks may differ; what has left is logged before
 * it travels.
 */
function spanOf(side: Way['side'], relayMs: number, readMs: number): Span {
  const skewMs = 2 * LIMITS.skewMs;
  if (side === 'left') return { dueMs: readMs - relayMs, beforeMs: skewMs, afterMs: relayMs };
  return { dueMs: readMs - skewMs, beforeMs: relayMs, afterMs: skewMs };
}

const WORDS = {
  'never-arrived': 'left and have not arrived within their time',
  'arrived-without-leaving': 'arrived that have not left',
  late: 'arrived after their time',
  'not-compared': 'cannot be compared, as entries of that time have no record or were not kept here',
} as const satisfies Partial<Record<AlarmKind, string>>;

function tellOnce(
  bell: Bell,
  kind: keyof typeof WORDS,
  about: string,
  find: (tell: (untold: Untold) => void) => void,
): void {
  if (bell.store.isOpen(kind, about)) return;
  find(({ count, origin, index }) => {
    const detail = `messages ${WORDS[kind]} (${about}): ${count}, the first is entry ${index} of ${origin}`;
    raiseAlarm(bell, { origin, kind, about, detail, notes: [] });
  });
}
