import type { KeyObject } from 'node:crypto';
import { KEY_TYPE, readVkey, writeVkey } from './note-key.js';

/** An Ed25519 key that cosigns checkpoints, and nothing else: it is no `NoteKey`, so that no note is opened with it. */
export interface WitnessKey {
  readonly name: string;
  /** 8 lower-case hexadecimal digits. */
  readonly id: string;
  readonly cosigning: KeyObject;
}

/**
 * Reads a witness's verifier key, of type 0x04 (C2SP tlog-cosignature).
 * @throws AuditError `key-malformed`, also for a log's key: what it signs is another statement
 */
export function parseWitnessVkey(vkey: string): WitnessKey {
  const { name, id, publicKey } = readVkey(vkey, KEY_TYPE.witness);
  return { name, id, cosigning: publicKey };
}

/**
 * Writes a witness's verifier key (C2SP tlog-cosignature).
 * @param publicKey Ed25519, the 32 bytes of RFC 8032; of this witness alone, as what it signs does not name it
 * @throws AuditError `key-malformed`
 */
export function formatWitnessVkey(name: string, publicKey: Uint8Array): string {
  return writeVkey(name, KEY_TYPE.witness, publicKey);
}

/** Two names for one key are one witness. */
export function isSameWitness(a: WitnessKey, b: WitnessKey): boolean {
  return a.cosigning.equals(b.cosigning);
}
