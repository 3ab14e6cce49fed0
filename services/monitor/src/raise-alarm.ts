import type { Alarm, PassingKind } from './alarm-store.js';
import type { MonitorStore } from './store.js';

export interface AlarmBell {
  readonly store: Pick<MonitorStore, 'raise' | 'end'>;
  readonly now: () => number;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** Once, for as long as nobody has looked into it. */
export function raiseAlarm({ store, now, onAlarm }: AlarmBell, alarm: Omit<Alarm, 'atMs'>): void {
  const raised = { atMs: now(), ...alarm };
  if (store.raise(raised)) onAlarm(raised);
}

interface Missing extends Pick<Alarm, 'origin' | 'detail' | 'about'> {
  readonly kind: PassingKind;
}

/** An alarm for as long as something is missing. */
export function alarmWhile(
  bell: AlarmBell,
  isMissing: boolean,
  { origin, kind, detail, about = detail }: Missing,
): void {
  if (isMissing) raiseAlarm(bell, { origin, kind, about, detail, notes: [] });
  else bell.store.end(origin, kind, about);
}
