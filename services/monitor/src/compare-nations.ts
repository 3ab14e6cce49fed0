import { LIMITS } from '@entente/contract';
import type { Crossed, ReadLogs } from './crossing-store.js';
import { type AlarmBell, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { AlarmKind, MonitorStore } from './store.js';

export interface Comparing extends AlarmBell {
  readonly store: MonitorStore;
  /** The time that a message may take between two gates. */
  readonly relayMs: number;
}

/**
 * What one nation's log says has crossed, the other's has within the clock (DESIGN §4, step 8). Only between nations whose records are
 * read here; one alarm for each direction and kind, which names the first message.
 */
export function compareNations({ relayMs, ...bell }: Comparing, logs: readonly FollowedLog[]): void {
  const { store } = bell;
  const read = new Set(logs.filter(({ token }) => token !== undefined).map(({ nation }) => nation));
  const alarms = new Map<string, Problem>();
  const note = (problem: Problem) => {
    const key = `${problem.kind} ${problem.from} ${problem.to}`;
    if (!alarms.has(key)) alarms.set(key, problem);
  };
  for (const crossed of store.crossings.unmet(bell.now())) {
    if (!read.has(crossed.from) || !read.has(crossed.to)) continue;
    const other = crossed.side === 'left' ? crossed.to : crossed.from;
    const kind = missingKind(store.crossings.read(originsOf(logs, other)), crossed, relayMs);
    if (kind) note({ ...crossed, kind });
  }
  for (const late of store.crossings.takeLate(relayMs)) note({ ...late, kind: 'late' });
  for (const { kind, from, to, index } of alarms.values()) {
    const owner = kind === 'never-arrived' ? from : to;
    const [origin = owner] = originsOf(logs, owner);
    raiseAlarm(bell, {
      origin,
      kind,
      detail: `${WORDS[kind]} (${from} to ${to}): first entry ${index}`,
      notes: [],
    });
  }
}

interface Problem {
  readonly kind: Missing | 'late';
  readonly from: string;
  readonly to: string;
  readonly index: number;
}

type Missing = Extract<AlarmKind, 'never-arrived' | 'arrived-without-leaving'>;

const WORDS = {
  'never-arrived': 'messages left and have not arrived within their time',
  'arrived-without-leaving': 'messages arrived that have not left',
  late: 'messages arrived after their time',
};

/** The other log was read whole when the time was over, and none of its entries of then is erased. */
function missingKind(other: ReadLogs, { side, timeMs }: Crossed, relayMs: number): Missing | undefined {
  // Two ledgers' clocks may differ; what has left is logged there before it travels.
  const waitMs = side === 'left' ? relayMs : 2 * LIMITS.skewMs;
  if (other.readMs < timeMs + waitMs || other.erasedMs >= timeMs - relayMs) return undefined;
  return side === 'left' ? 'never-arrived' : 'arrived-without-leaving';
}

function originsOf(logs: readonly FollowedLog[], nation: string): string[] {
  return logs.filter((log) => log.nation === nation).map(({ origin }) => origin);
}
