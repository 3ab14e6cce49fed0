import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatVkey, type NoteSigner, parseVkey } from '@entente/audit';
import { wire } from '@entente/contract';
import type { Signer } from '@entente/seal';
import type { Log } from './append-batch.js';
import { countEntry } from './count-entry.js';
import { createImage, type ImageOptions } from './image.js';
import type { LogFolder } from './log-folders.js';
import type { PastLog } from './past-log.js';
import { type LedgerStore, openStore } from './store.js';

export interface LogKeys {
  /** Of KEY_FILE. */
  readonly signer: Signer;
  readonly loadKey: (path: string) => Promise<Signer>;
}

/** What is the same for all logs of a ledger. */
export interface LogOwner extends Pick<Log, 'nation' | 'now' | 'clock' | 'tellFault' | 'tellAppended'> {
  readonly imageOptions: ImageOptions;
}

export const tilesOf = (dir: string): string => join(dir, 'log');

/** A log that is written on. */
export async function openLog(
  keys: LogKeys,
  { origin, dir, keyFile }: LogFolder,
  past: readonly PastLog[],
  { nation, now, clock, tellFault, tellAppended, imageOptions }: LogOwner,
): Promise<Log> {
  const signer = noteSigner(origin, keyFile === null ? keys.signer : await keys.loadKey(keyFile));
  const store = openCounted(dir);
  return {
    nation,
    origin,
    signer,
    store,
    image: imageOf(dir, store, imageOptions),
    now,
    clock,
    past,
    tellFault,
    tellAppended,
  };
}

/** A log that has ended: its key may be gone. */
export function openPast({ origin, dir }: LogFolder, reason: string): PastLog {
  return { origin, dir, store: openCounted(dir), reason };
}

export function imageOf(dir: string, store: LedgerStore, options: ImageOptions) {
  mkdirSync(tilesOf(dir), { recursive: true, mode: 0o755 });
  return createImage(tilesOf(dir), store, options);
}

export function noteSigner(origin: string, signer: Signer): NoteSigner {
  // The x of another curve can pass for an Ed25519 key: the first append would fail, and every one after it.
  if (signer.alg !== 'Ed25519')
    throw new Error(`KEY_FILE holds a key for ${signer.alg}, a log needs Ed25519`);
  return { key: parseVkey(vkeyOf(origin, signer)), sign: signer.signBytes };
}

export function vkeyOf(origin: string, { publicJwk }: Signer): string {
  return formatVkey(origin, Buffer.from(String(publicJwk.x), 'base64url'));
}

/** A database from before entries were counted is counted once; of what was erased, the event is left. */
function openCounted(dir: string): LedgerStore {
  const store = openStore(join(dir, 'ledger.sqlite'));
  const counted = store.tally().reduce((all, { entries }) => all + entries, 0);
  if (counted !== store.head().size) store.countAgain(countAll(store));
  return store;
}

function* countAll(store: LedgerStore) {
  const { size } = store.head();
  for (let index = 0; index < size; index++) {
    const entry = store.entryAt(index);
    if (!entry) continue;
    const { event } = wire.leaf.decode(entry.leaf);
    yield countEntry(event, entry.record && wire.record.decode(entry.record));
  }
}
