import { nkeys } from 'nats';
import { BusError } from './error.js';

const text = new TextDecoder();

export interface UserKey {
  /** `SU…`, 58 characters. Secret: whoever has it is this user. */
  readonly seed: string;
  /** `U…`, 56 characters. What the server's configuration lists. */
  readonly publicKey: string;
}

/** Makes a new NATS user key (Ed25519, encoded as NKEY). */
export function createUserKey(): UserKey {
  const pair = nkeys.createUser();
  return { seed: text.decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** The public half of a user seed. @throws BusError `bad-config` if it is no user seed */
export function userPublicKey(seed: string): string {
  try {
    const publicKey = nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
    if (publicKey.startsWith('U')) return publicKey;
  } catch (cause) {
    // The cause of nkeys names no part of the seed.
    throw new BusError('bad-config', 'not an NKEY seed', cause);
  }
  throw new BusError('bad-config', 'an NKEY seed, but not of a user');
}
