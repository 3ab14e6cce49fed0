import { LOG_NAME } from '@entente/audit';
import { ConfigError, readConfig, type Setting, setting } from '@entente/runtime';

export type MonitorConfig = ReturnType<typeof readMonitorConfig>;

/**
 * Every setting of a monitor; `docs/operate.md` is compared with this list by a test.
 * @throws ConfigError with every problem at once
 */
export function readMonitorConfig(env: NodeJS.ProcessEnv) {
  const config = readConfig(env, MONITOR_SETTINGS);
  const together = [
    ['WITNESS_NAME', 'WITNESS_KEY_FILE', 'NATION'],
    ['DIRECTORY_DIR', 'ANCHORS_FILE'],
    ['TSA_URL', 'TSA_ROOTS_FILE', 'NATION'],
  ] as const;
  const problems = together.flatMap(([first, ...needed]) =>
    needed
      .filter((name) => config[first] !== NONE && config[name] === NONE)
      .map((name) => `ENTENTE_${name} is none, and ENTENTE_${first} needs it`),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

export const NONE = 'none';

/** What not every monitor does has to be switched off in so many words. */
function orNone<T>(read: Setting<T>): Setting<T | typeof NONE> {
  return (text) => (text === NONE ? NONE : read(text));
}

export const MONITOR_SETTINGS = {
  /** Whose monitor it is: it asks witnesses about that nation's logs, and is itself a witness for the others' only. */
  NATION: orNone(setting.text(/^[A-Z]{2}$/, 'two capitals like DE, or none')),
  /** Which logs to follow, and where each is read: JSON. */
  LOGS_FILE: setting.path,
  /** Holds what this monitor has seen; it believes its own memory only. */
  DATA_DIR: setting.path,
  /** A log that cannot be read for so long is an alarm; so is a witness that does not answer. */
  SILENCE_MINUTES: setting.wholeNumber(1),
  /** The directory, which names the witnesses. */
  DIRECTORY_DIR: orNone(setting.path),
  ANCHORS_FILE: orNone(setting.path),
  /** The name that it cosigns under, as in the directory. */
  WITNESS_NAME: orNone(setting.text(LOG_NAME, 'a name like entente.example/witness/de, or none')),
  /** Ed25519 key that cosigns, and is used for nothing else. */
  WITNESS_KEY_FILE: orNone(setting.path),
  /** Port on 127.0.0.1 where logs ask for cosignatures and others read cosigned checkpoints; 0 lets the system choose. */
  PUBLIC_PORT: setting.port,
  /** Where time stamps are asked for (RFC 3161). */
  TSA_URL: orNone(setting.text(/^https?:\/\/[^\s#]{1,300}$/, 'an address with http:// or https://, or none')),
  /** PEM: whose time stamps are believed. */
  TSA_ROOTS_FILE: orNone(setting.path),
  /** How often, where the log has grown. */
  STAMP_MINUTES: setting.wholeNumber(1),
  /** What one nation's log says has left, the other's has to have within this time. */
  RELAY_HOURS: setting.wholeNumber(1),
  /** Port on 127.0.0.1 of health, metrics and alarms; 0 lets the system choose. */
  OPERATION_PORT: setting.port,
};
