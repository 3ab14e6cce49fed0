import { readConfig, setting } from '@entente/runtime';

export function readGateConfig(env: NodeJS.ProcessEnv) {
  return readConfig(env, GATE_SETTINGS);
}

export const GATE_SETTINGS = {
  /** The nation whose border this is. */
  NATION: setting.text(/^[A-Z]{2}$/, 'two capitals like DE'),
  /** Test and live messages never mix. */
  PROFILE: setting.oneOf(['test', 'live']),
  /** Folder of the directory's parts. */
  DIRECTORY_DIR: setting.path,
  /** The trust anchors, given out of band. */
  ANCHORS_FILE: setting.path,
  /** Folder of the signed policy packs: this nation's own decides, the others answer what a counterpart will ask. */
  PACKS_DIR: setting.path,
  /** Folder in which each pack and each directory that was decided by is kept. */
  ARCHIVE_DIR: setting.path,
  /** Folder of what this gate cannot handle, until an operator has looked at it. */
  QUARANTINE_DIR: setting.path,
  /** Days after which a message there goes, once it has expired. */
  QUARANTINE_DAYS: setting.wholeNumber(1),
  /** Decrypts what other gates wrap for this one; it opens no body. An old key stays until what it opens has expired. */
  KEY_FILE: setting.paths,
  NATS_URL: setting.natsUrl,
  /** Messages of one member that are taken on in a second; what is beyond waits. */
  MEMBER_RATE: setting.wholeNumber(1),
  /** Servers that keep a copy of each message: 1, or 3 on a cluster of three. */
  REPLICAS: setting.oneOf(['1', '3']),
  /** The gate's user inside its nation. */
  NKEY_FILE: setting.path,
  /** The gate's user that faces the interconnect. */
  CROSS_NKEY_FILE: setting.path,
  /** Port on 127.0.0.1 of health and metrics, for operators; 0 lets the system choose. */
  OPERATION_PORT: setting.port,
};
