import { createHash } from 'node:crypto';
import { fitsForm } from './fits-form.js';

export interface CheckedHash {
  readonly checked: 'matches' | 'mismatch' | 'absent';
  readonly algorithm: string;
  /** Where it is a hash at all: one of XARF's own samples has two digits too many. */
  readonly declared: string | undefined;
}

/** Whether the payload is what its source says it is. XARF's guide wants every receiver to check; four in ten of its own samples fail. */
export function checkHash(payload: Uint8Array, declared: string | undefined): CheckedHash {
  if (declared === undefined) return { checked: 'absent', algorithm: '', declared };
  const [algorithm = '', digits = ''] = declared.split(':');
  const isTrue = createHash(algorithm).update(payload).digest('hex') === digits;
  return {
    checked: isTrue ? 'matches' : 'mismatch',
    algorithm,
    declared: fitsForm('declared-hash', declared) ? declared : undefined,
  };
}
