export type { Alarm, AlarmKind } from './alarm-store.js';
export { MONITOR_SETTINGS } from './config.js';
export type { FollowedLog } from './read-logs-file.js';
export type { Watch } from './watch-log.js';
