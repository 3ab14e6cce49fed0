import { randomBytes } from 'node:crypto';
import { type ErasureReason, type Signoff, wire } from '@entente/contract';
import { commitmentOf } from '@entente/seal';
import { NotAppended } from './admit.js';
import type { Log } from './append-batch.js';
import { countEntry } from './count-entry.js';
import type { Batch } from './create-batch.js';
import type { NewEntry } from './store.js';

/** What the ledger itself asks for, never a gate: these entries lose salt and record with the entry that says so. */
export interface ErasureRequest {
  /** Rising. */
  readonly indices: readonly number[];
  readonly reason: ErasureReason;
  readonly reference: string;
  /** The log that holds them, if that has ended. */
  readonly origin?: string;
  /** Who wanted it, and who agreed: units or file numbers. */
  readonly signoff?: Signoff;
}

/** What the ledger says of its logs, of how it is run, and of who has read its entries. */
export interface LogNotice {
  readonly event: 'log-opened' | 'log-closed' | 'log-deleted' | 'setting' | 'read';
  readonly succession?: wire.RecordFrame['succession'];
  readonly past?: wire.RecordFrame['past'];
  readonly administration?: Partial<wire.AdministrationFrame>;
}

/** Puts into the batch what the ledger says of itself. */
export function placeOwn(
  batch: Batch,
  { nation, origin, clock }: Log,
  asked: ErasureRequest | LogNotice,
): NewEntry | NotAppended {
  if (!clock.agrees()) return new NotAppended('clock-differs', 'the clock of this ledger was set');
  const index = batch.nextIndex();
  const salt = randomBytes(16);
  const said = 'event' in asked ? { erasure: null, ...asked } : erasureOf(asked, origin);
  const { event, erasure, succession = null, past = null, administration = null } = said;
  const about = { erasure, succession, past, administration };
  const record = wire.record.encode({ nation, event, decidedAtMs: batch.timeMs, ...about });
  const commitment = commitmentOf(salt, record);
  const entry = {
    ...{ index, salt, record, claim: null, approval: null, adoption: null },
    leaf: wire.leaf.encode({ event, timeMs: batch.timeMs, commitment }),
    key: { messageHash: new Uint8Array(), stage: event, step: String(index) },
    erases: past ? [] : (erasure?.indices ?? []),
    counted: countEntry(event, null),
  };
  batch.entries.push(entry);
  return entry;
}

function erasureOf({ indices, reason, reference, origin = '', signoff }: ErasureRequest, own: string) {
  const isElsewhere = origin !== '' && origin !== own;
  return {
    event: 'erasure' as const,
    erasure: { indices, reason, reference, ...signoff },
    succession: null,
    administration: null,
    past: isElsewhere ? { origin, checkpoint: '', countsSha256: new Uint8Array() } : null,
  };
}
