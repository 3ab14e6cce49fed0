import { readConfig, setting } from '@entente/runtime';

export function readMonitorConfig(env: NodeJS.ProcessEnv) {
  return readConfig(env, MONITOR_SETTINGS);
}

export const MONITOR_SETTINGS = {
  /** Which logs to follow, and where each is read: JSON. */
  LOGS_FILE: setting.path,
  /** Holds what this monitor has seen; it believes its own memory only. */
  DATA_DIR: setting.path,
  /** A log that cannot be read for so long is an alarm. */
  SILENCE_MINUTES: setting.wholeNumber(1),
  /** Port on 127.0.0.1 of health, metrics and alarms; 0 lets the system choose. */
  OPERATION_PORT: setting.port,
};
