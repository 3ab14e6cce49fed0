import { AuditError, type Cosigned, proveContinues, readCheckpointOf, readLogAt } from '@entente/audit';
import type { AlarmKind } from './alarm-store.js';
import { type AlarmBell, alarmWhile, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { MonitorStore, Seen } from './store.js';

export interface Watch extends AlarmBell {
  readonly store: MonitorStore;
  readonly silenceMs: number;
  readonly startedMs: number;
  /** Where a log was proved, since the start, to continue what is pinned of it. */
  readonly pinned: Set<string>;
}

type Place = Pick<Seen, 'origin' | 'view'>;

/** Looks once at each place where a log is shown, and holds it against all that was seen before. */
export async function watchLog(watch: Watch, log: FollowedLog): Promise<void> {
  for (const view of log.views) await watchView(watch, log, view);
  const { origin } = log;
  const lastMs = Math.max(watch.startedMs, ...watch.store.seenOf(origin).map(({ seenMs }) => seenMs));
  const isSilent = watch.now() - lastMs >= watch.silenceMs;
  alarmWhile(watch, isSilent, { origin, kind: 'silent', detail: 'nobody shows this log any more' });
}

async function watchView(watch: Watch, log: FollowedLog, view: string): Promise<void> {
  const { origin, key, first } = log;
  try {
    const { checkpoint, note } = await readCheckpointOf(readLogAt(view), key, origin);
    const now: Seen = { ...checkpoint, note, view, seenMs: watch.now() };
    const all = watch.store.seenOf(origin);
    const before = all.find((seen) => seen.view === view);
    if (before && before.size > now.size) {
      const detail = `${view} showed ${before.size} entries and shows ${now.size} now`;
      return raise(watch, now, 'rollback', detail, [before.note, note]);
    }
    if (first && !(await continuesFirst(watch, first, now))) return;
    if (await isContinued(watch, all, now)) watch.store.set(now);
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    // Nobody there now, or nothing there yet, is silence; something that is no checkpoint of this log is worse.
    if (error.code === 'unreachable' || error.code === 'checkpoint-missing') return;
    raise(
      watch,
      { origin, view },
      'not-signed',
      `${view} shows what this log has not signed (${error.code})`,
      [],
    );
  }
}

/** Without it the first checkpoint that is seen is believed: whoever is shown another history from the beginning never finds it. */
async function continuesFirst(watch: Watch, first: Cosigned, now: Seen): Promise<boolean> {
  const place = `${now.origin} ${now.view}`;
  if (watch.pinned.has(place)) return true;
  if (now.size < first.size) {
    const detail = `${now.view} shows ${now.size} entries, and ${first.size} are pinned`;
    raise(watch, now, 'rollback', detail, [first.note, now.note]);
    return false;
  }
  const continued = await isContinued(watch, [{ ...first, view: now.view }], now);
  if (continued) watch.pinned.add(place);
  return continued;
}

/** INVARIANT: what does not continue is not remembered as seen: else a second history would become the one to compare with. */
async function isContinued(
  watch: Watch,
  all: readonly Omit<Seen, 'seenMs'>[],
  now: Omit<Seen, 'seenMs'>,
): Promise<boolean> {
  const [largest] = all;
  if (!largest) return true;
  const [before, after] = now.size >= largest.size ? [largest, now] : [now, largest];
  try {
    await proveContinues(readLogAt(after.view), before, after);
    return true;
  } catch (error) {
    if (!(error instanceof AuditError) || error.code === 'unreachable') throw error;
    const notes = [before.note, after.note];
    const sizes = `${before.size} and ${after.size} entries`;
    if (error.code === 'node-missing') {
      const detail = `${after.view} does not show how ${sizes} belong together`;
      raise(watch, now, 'incomplete', detail, notes);
    } else if (before.view === after.view) {
      raise(watch, now, 'fork', `${after.view} has signed two histories, of ${sizes}`, notes);
    } else {
      const detail = `${before.view} and ${after.view} show two histories, of ${sizes}`;
      raise(watch, now, 'split-view', detail, notes);
    }
    return false;
  }
}

function raise(
  watch: Watch,
  { origin, view }: Place,
  kind: AlarmKind,
  detail: string,
  notes: string[],
): void {
  raiseAlarm(watch, { origin, kind, about: view, detail, notes });
}
