import { LOG_NAME } from '@entente/audit';
import { readConfig, setting } from '@entente/runtime';

/** Every setting of a ledger; `docs/operate.md` is compared with this list by a test. */
export function readLedgerConfig(env: NodeJS.ProcessEnv) {
  return readConfig(env, LEDGER_SETTINGS);
}

const MOST_PLACES = 50;
const PLACE = /^https?:\/\/[^\s?#,]{1,300}$/;

/** @throws Error that says what is wrong */
function addresses(text: string): readonly string[] {
  if (text === 'none') return [];
  const all = text.split(',');
  if (all.length > MOST_PLACES || !all.every((one) => PLACE.test(one)))
    throw new Error(
      `must be addresses with http:// or https:// and commas between them, ${MOST_PLACES} at most, or none`,
    );
  return all;
}

export const LEDGER_SETTINGS = {
  /** The nation whose log this is. */
  NATION: setting.text(/^[A-Z]{2}$/, 'two capitals like DE'),
  /** Test and live messages never mix. */
  PROFILE: setting.oneOf(['test', 'live']),
  /** The name of the first log in DATA_DIR, one for each nation and year; it stays when others have followed. */
  ORIGIN: setting.text(LOG_NAME, 'a name like entente.example/de/2026'),
  /** Ed25519 key that signs checkpoints. */
  KEY_FILE: setting.path,
  /** Holds the database and the tiles. */
  DATA_DIR: setting.path,
  /** Entries older than this lose salt and record; a message and its repeats live for less than 60 days. */
  RETENTION_DAYS: setting.wholeNumber(60),
  /** Days after its last entry after which a log that has ended is deleted whole, not before its records. */
  LOG_RETENTION_DAYS: setting.wholeNumber(60),
  /** Monitors and witnesses, one's own and those of other nations, that are asked for the largest checkpoint that they hold of the log. */
  MONITOR_URLS: addresses,
  NATS_URL: setting.natsUrl,
  NKEY_FILE: setting.path,
  /** Port on 127.0.0.1 from which the log is read as C2SP tlog-tiles; 0 lets the system choose. */
  LOG_PORT: setting.port,
  /** The gate's archive of packs and directories, or a copy of it, shown to auditors; an empty folder shows none. */
  ARCHIVE_DIR: setting.path,
  /** The token that auditors show to read entries, records and the archive. */
  AUDITOR_TOKEN_FILE: setting.path,
  /** Port on 127.0.0.1 of health and metrics, for operators; 0 lets the system choose. */
  OPERATION_PORT: setting.port,
};
