import type { Told } from '@entente/runtime';
import { type Admitted, FIRST } from './admit.js';
import { endOfHold } from './answer-batch.js';
import type { Log } from './append-batch.js';
import type { FoundEntry, LookBack } from './past-log.js';
import type { Claim, EntryKey, LedgerStore, NewEntry } from './store.js';
import { tellOf } from './tell-of.js';

export type Batch = ReturnType<typeof createBatch>;

/** The log as it will be, so that two requests of one batch see each other. */
export function createBatch(log: Log, before: LookBack, size: number, timeMs: number) {
  const entries: NewEntry[] = [];
  const told: Told[] = [];
  const byKey = new Map<string, NewEntry>();
  const ends = new Map<string, NewEntry>();
  const claims = new Map<string, Uint8Array>();
  const adoptions = new Map<string, NewEntry>();
  const versions = new Map<string, number>();
  // Every record asks for both; only this batch can change them.
  const stored = new Map<string, ReturnType<LedgerStore['adopted']>>();
  const lastAdopted = (kind: string) => {
    if (!stored.has(kind)) stored.set(kind, log.store.adopted(kind));
    return stored.get(kind);
  };
  const findEntry = (key: EntryKey): FoundEntry | undefined =>
    byKey.get(keyText(key)) ?? log.store.findEntry(key) ?? before.findEntry(key);
  return {
    timeMs,
    entries,
    told,
    nextIndex: () => size + entries.length,
    findEntry,
    find: ({ key, record }: Admitted): FoundEntry | undefined =>
      key.step === FIRST || record.event === 'quarantine-end'
        ? findEntry(key)
        : (ends.get(endText(key)) ?? endOfHold(log, before, key)),
    adoptedBefore: before.adopted,
    hasApproval: before.hasApproval,
    adopted: (kind: string) => {
      const fresh = adoptions.get(kind);
      return fresh?.adoption ? { sha256: fresh.adoption.sha256, index: fresh.index } : lastAdopted(kind);
    },
    claimedBy: (claim: Claim) =>
      claims.get(`${claim.sender} ${claim.id}`) ?? log.store.claimedBy(claim) ?? before.claimedBy(claim),
    partVersion: (part: string): number =>
      versions.get(part) ?? Math.max(log.store.partVersion(part), before.partVersion(part)),
    add: (admitted: Admitted, entry: NewEntry) => {
      entries.push(entry);
      if (admitted.record.seal.length > 0) told.push(tellOf(admitted, entry.index));
      byKey.set(keyText(admitted.key), entry);
      if (!entry.adoption && entry.key.step !== FIRST) ends.set(endText(entry.key), entry);
      if (entry.claim) claims.set(`${entry.claim.sender} ${entry.claim.id}`, entry.key.messageHash);
      if (entry.adoption) adoptions.set(entry.adoption.kind, entry);
      for (const { part, version } of entry.adoption?.versions ?? []) versions.set(part, version);
    },
  };
}

function keyText(key: EntryKey): string {
  return `${endText(key)} ${key.step}`;
}

function endText({ messageHash, stage }: EntryKey): string {
  return `${Buffer.from(messageHash).toString('hex')} ${stage}`;
}
