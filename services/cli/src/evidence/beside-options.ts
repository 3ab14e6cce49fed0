import { parseWitnessPolicy, readRoots } from '@entente/audit';
import { readNamed } from '../read-named.js';
import type { Beside } from './judge-checkpoints.js';

/** Files that say whom the reader trusts beside the anchors. */
export interface BesideFiles {
  readonly witnessPolicy?: string;
  readonly tsaRoots?: string;
}

export const WITNESS_POLICY_OPTION = [
  '--witness-policy <file>',
  'whose cosignatures are asked for (C2SP tlog-policy)',
] as const;

export const TSA_ROOTS_OPTION = [
  '--tsa-roots <file>',
  'certificates (PEM) of authorities whose time stamps are believed',
] as const;

/** @throws AuditError `policy-malformed`, `stamp-malformed`; Error if a file cannot be read */
export function readBeside({ witnessPolicy, tsaRoots }: BesideFiles, nowMs: number): Beside {
  return {
    nowMs,
    ...(witnessPolicy === undefined ? {} : { policy: parseWitnessPolicy(readNamed(witnessPolicy)) }),
    ...(tsaRoots === undefined ? {} : { tsaRoots: readRoots(readNamed(tsaRoots).toString('utf8')) }),
  };
}
