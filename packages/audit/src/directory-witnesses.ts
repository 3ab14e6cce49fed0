import type { wire } from '@entente/contract';
import { AuditError } from './error.js';
import { parseWitnessVkey, type WitnessKey } from './witness-key.js';

/** A witness as a signed directory names it. */
export interface DirectoryWitness {
  readonly nation: string;
  readonly name: string;
  readonly key: WitnessKey;
  /** Its submission prefix (C2SP tlog-witness). */
  readonly url: string;
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** The witnesses that nations name. One whose key cannot be used here is left out: that is its nation's trouble alone. */
export function witnessesOf(
  parts: Iterable<Pick<wire.NationPartFrame, 'nation' | 'witnesses'>>,
): DirectoryWitness[] {
  return [...parts].flatMap(({ nation, witnesses }) =>
    witnesses.flatMap(({ name, vkey, url, validFromMs, validUntilMs }) => {
      const key = unlessUnusable(vkey);
      return key ? [{ nation, name, key, url, validFromMs, validUntilMs }] : [];
    }),
  );
}

function unlessUnusable(vkey: string): WitnessKey | undefined {
  try {
    return parseWitnessVkey(vkey);
  } catch (error) {
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}
