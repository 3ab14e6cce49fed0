import type { wire } from '@entente/contract';
import type { SqlDatabase } from '@entente/runtime';

export type Reader = Pick<SqlDatabase, 'prepare'>;

/** @param index of the entry, if it is about one */
export type Report = (
  code: 'database-malformed' | 'database-differs',
  detail: string,
  index?: number | null,
) => void;

/** A row of a ledger's table `entry`. */
export interface StoredRow {
  readonly idx: number;
  readonly leaf: Uint8Array;
  /** Null: erased. */
  readonly record: Uint8Array | null;
  readonly message_hash: Uint8Array;
  readonly stage: string;
  readonly step: string;
}

/** By what a ledger finds an entry again, and what it keeps of it. */
export interface OwnKey {
  readonly messageHash: Uint8Array;
  readonly stage: string;
  readonly step: string;
  /** The id that its sender has used for it. */
  readonly claims: { readonly sender: string; readonly id: string } | null;
  readonly approves: {
    readonly messageHash: Uint8Array;
    readonly sender: string;
    readonly role: string;
  } | null;
}

/**
 * What a ledger makes of a record that it appends as this entry.
 * @param headerOfSeal if the record has a seal that can be read
 */
export function keyOf(
  index: number,
  record: wire.RecordFrame,
  headerOfSeal: wire.HeaderFrame | undefined,
): OwnKey {
  const { event, adoption, seal, messageHash, stage, step } = record;
  const none = { claims: null, approves: null };
  if (adoption) return { messageHash: adoption.sha256, stage: event, step: String(index), ...none };
  // It names what was in a gate's quarantine, and no message.
  if (event === 'quarantine-end') return { messageHash, stage: event, step, ...none };
  if (seal.length === 0) return { messageHash: NOTHING, stage: event, step: String(index), ...none };
  // A rejected message claims nothing.
  const header = event === 'rejection' ? undefined : headerOfSeal;
  const about = event === 'approval' ? header?.statement?.about[0] : undefined;
  return {
    ...{ messageHash, stage, step },
    claims: header ? { sender: header.from, id: header.id } : null,
    approves:
      header && about ? { messageHash: about.messageHash, sender: header.from, role: header.fromRole } : null,
  };
}

const NOTHING = new Uint8Array();

/** The number that a question gives in its column `one`. */
export function oneOf(database: Reader, sql: string): number {
  return Number(database.prepare(sql).get()?.one);
}
