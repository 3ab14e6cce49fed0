import { readConfig, setting } from '@entente/runtime';

export function readEdgeConfig(env: NodeJS.ProcessEnv) {
  return readConfig(env, EDGE_SETTINGS);
}

export const EDGE_SETTINGS = {
  /** The member whose edge this is. */
  MEMBER: setting.text(/^[a-z0-9][a-z0-9-]{0,30}\.[a-z]{2}$/, 'a member like hotline.de'),
  /** Test and live messages never mix. */
  PROFILE: setting.oneOf(['test', 'live']),
  DIRECTORY_DIR: setting.path,
  /** The trust anchors, given out of band. */
  ANCHORS_FILE: setting.path,
  /** Signs what this member says. */
  SIGN_KEY_FILE: setting.path,
  /** Decrypts what is sent to this member; an old key stays until what it opens has expired. */
  DECRYPT_KEY_FILE: setting.paths,
  /** A secret from which this member's pseudonyms are made: the same in one case, never across cases. */
  PSEUDONYM_KEY_FILE: setting.path,
  /** Holds the outbox and the cases. */
  DATA_DIR: setting.path,
  NATS_URL: setting.natsUrl,
  NKEY_FILE: setting.path,
  /** Port of the HTTP API on 127.0.0.1. */
  HTTP_PORT: setting.port,
  /**
   * Days after the content of a message for which its seal, its proofs and why somebody opened it are kept; not fewer than a message can be
   * on its way.
   */
  PROOF_DAYS: setting.wholeNumber(60),
  /** Days after which an entry of the log of accesses goes, once it is on record in the log of the nation; not fewer than a year. */
  ACCESS_DAYS: setting.wholeNumber(365),
  /** Reports that are taken on in a second, emergencies not counted; what is beyond is answered with 429. */
  REPORT_RATE: setting.wholeNumber(1),
  /** The bearer token that the member's own systems show. */
  HTTP_TOKEN_FILE: setting.path,
  /** Port on 127.0.0.1 of health and metrics, for operators; 0 lets the system choose. */
  OPERATION_PORT: setting.port,
};
