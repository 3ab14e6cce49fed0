import { AuditError, proveContinues, readCheckpointOf } from '@entente/audit';
import type { FollowedLog } from './read-logs-file.js';
import { readerOf, Unreachable } from './read-view.js';
import type { Alarm, MonitorStore, Seen } from './store.js';

export interface Watch {
  readonly store: MonitorStore;
  readonly now: () => number;
  readonly silenceMs: number;
  readonly startedMs: number;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** Looks once at each place where a log is shown, and holds it against all that was seen before. */
export async function watchLog(watch: Watch, log: FollowedLog): Promise<void> {
  for (const view of log.views) await watchView(watch, log, view);
  checkSilence(watch, log);
}

async function watchView(watch: Watch, log: FollowedLog, view: string): Promise<void> {
  const { origin, key } = log;
  try {
    const { checkpoint, note } = await readCheckpointOf(readerOf(view), key, origin);
    const now: Seen = { ...checkpoint, note, view, seenMs: watch.now() };
    const all = watch.store.seenOf(origin);
    const before = all.find((seen) => seen.view === view);
    if (before && before.size > now.size) {
      const detail = `${view} showed ${before.size} entries and shows ${now.size} now`;
      return raise(watch, origin, 'rollback', detail, [before.note, note]);
    }
    if (await isContinued(watch, all, now)) watch.store.set(now);
  } catch (error) {
    if (error instanceof Unreachable) return;
    if (!(error instanceof AuditError)) throw error;
    // Nothing there yet is silence; something that is no checkpoint of this log is worse.
    if (error.code === 'checkpoint-missing') return;
    raise(watch, origin, 'not-signed', `${view} shows what this log has not signed (${error.code})`, []);
  }
}

/** INVARIANT: what does not continue is not remembered as seen: else a second history would become the one to compare with. */
async function isContinued(watch: Watch, all: readonly Seen[], now: Seen): Promise<boolean> {
  const [largest] = all;
  if (!largest) return true;
  const [before, after] = now.size >= largest.size ? [largest, now] : [now, largest];
  try {
    await proveContinues(readerOf(after.view), before, after);
    return true;
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    const notes = [before.note, after.note];
    const sizes = `${before.size} and ${after.size} entries`;
    if (error.code === 'node-missing') {
      raise(
        watch,
        now.origin,
        'incomplete',
        `${after.view} does not show how ${sizes} belong together`,
        notes,
      );
    } else if (before.view === after.view) {
      raise(watch, now.origin, 'fork', `${after.view} has signed two histories, of ${sizes}`, notes);
    } else {
      const detail = `${before.view} and ${after.view} show two histories, of ${sizes}`;
      raise(watch, now.origin, 'split-view', detail, notes);
    }
    return false;
  }
}

function checkSilence(watch: Watch, { origin }: FollowedLog): void {
  const lastMs = Math.max(watch.startedMs, ...watch.store.seenOf(origin).map(({ seenMs }) => seenMs));
  if (watch.now() - lastMs < watch.silenceMs) watch.store.endSilence(origin);
  else raise(watch, origin, 'silent', 'nobody shows this log any more', []);
}

function raise(
  { store, now, onAlarm }: Watch,
  origin: string,
  kind: Alarm['kind'],
  detail: string,
  notes: string[],
): void {
  const alarm = { atMs: now(), origin, kind, detail, notes };
  if (store.raise(alarm)) onAlarm(alarm);
}
