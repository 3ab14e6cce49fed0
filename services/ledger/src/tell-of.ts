import type { Told } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import type { Admitted } from './admit.js';

/** What the operator's log says of an entry about a message. */
export function tellOf({ record, header }: Admitted, index: number): Told {
  const { messageHash, stage, verdict } = record;
  const { decision = '', code = '' } = verdict ?? {};
  return { id: header?.id ?? idIn(record.seal), messageHash, index, stage, decision, code };
}

/** What was rejected may have a header that nobody can read. */
function idIn(seal: Uint8Array): string {
  try {
    return readUnverifiedHeader(seal).id;
  } catch {
    return '';
  }
}
