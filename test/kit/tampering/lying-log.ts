import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  decodeRecords,
  encodeRecords,
  publishCheckpoint,
  recordsPath,
  signCheckpoint,
  TILE_WIDTH,
  treeRoot,
  writeTiles,
} from '@entente/audit';
import { copyLog, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { commitmentOf, loadSigner, type Signer } from '@entente/seal';
import type { BuiltSource } from '../../bench/build-log.mjs';
import { CROSSINGS, type LedgerLog } from '../ledger-log.js';
import { leavesOf, nodesOf, signerOf } from './log-files.js';

/** An entry as a ledger that lies writes it. */
export interface Lie {
  readonly event: string;
  readonly record: Uint8Array;
  readonly timeMs: number;
  /** In the place of the leaf that commits to all of this. */
  readonly leaf?: Uint8Array;
  /** The entry of which it is found, if not of this one. */
  readonly foundAt?: number;
}

type RecordDraft = Parameters<typeof wire.record.encode>[0];

/** What a lie is made of: honest records that were not logged, and keys that were stolen. */
export interface LieTools {
  readonly fresh: (event: 'crossing' | 'evidence') => wire.RecordFrame;
  /** An honest entry, but for what is changed. */
  readonly lie: (event: 'crossing' | 'evidence', change?: RecordDraft) => Lie;
  readonly adopt: (
    event: 'adopt-pack' | 'adopt-directory',
    sha256: Uint8Array,
    versions: readonly { readonly part: string; readonly version: number }[],
  ) => Lie;
  /** A referral that is in the log, from a hotline to a provider. */
  readonly crossing: wire.RecordFrame;
  /** The last entry before all lies. */
  readonly entryBefore: number;
  readonly directory: Directory;
  readonly signer: (member: string) => Promise<Signer>;
  readonly nowMs: number;
}

/** @param size records of these many indices were logged */
export function lieTools(log: LedgerLog, size: number, entries: number): LieTools {
  const { home, directory, recordAt } = log;
  const nowMs = Date.now();
  let next = size;
  const fresh: LieTools['fresh'] = (event) => {
    for (;;) {
      const at = next++;
      if ((at % CROSSINGS === 0) === (event === 'crossing')) return wire.record.decode(recordAt(at).record);
    }
  };
  return {
    ...{ fresh, directory, nowMs, entryBefore: entries - 1 },
    lie: (event, change = {}) => {
      const record = { ...fresh(event), ...change };
      return { event: record.event, record: wire.record.encode(record), timeMs: nowMs };
    },
    adopt: (event, sha256, versions) => ({
      ...{ event, timeMs: nowMs },
      record: wire.record.encode({ nation: 'DE', event, adoption: { sha256, versions }, decidedAtMs: nowMs }),
    }),
    crossing: wire.record.decode(recordAt(CROSSINGS).record),
    signer: async (member) => await loadSigner(paths.secret(home.dir, member, 'sign.key')),
  };
}

/** A copy of the log, as auditors have it, that goes on with these entries under its own signature. */
export async function lyingCopy(log: LedgerLog, dir: string, lies: readonly Lie[]): Promise<BuiltSource> {
  const { source, nation } = log;
  await copyLog(source, dir);
  const before = leavesOf(log);
  const added = lies.map(({ event, record, timeMs, leaf }) => {
    const salt = randomBytes(16);
    return {
      record,
      salt,
      leaf: leaf ?? wire.leaf.encode({ event, timeMs, commitment: commitmentOf(salt, record) }),
    };
  });
  const leaves = [...before, ...added.map(({ leaf }) => leaf)];
  const readNode = nodesOf(leaves);
  writeTiles(dir, before.length, leaves.length, readNode, (index) => leaves[index]);
  for (let index = Math.floor(before.length / TILE_WIDTH); index * TILE_WIDTH < leaves.length; index++) {
    const kept = readRecords(
      dir,
      index,
      Math.max(0, Math.min(TILE_WIDTH, before.length - index * TILE_WIDTH)),
    );
    const from = Math.max(0, index * TILE_WIDTH - before.length);
    const records = [...kept, ...added.slice(from, from + TILE_WIDTH - kept.length)];
    const path = join(dir, recordsPath({ index, width: records.length }));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, encodeRecords(records));
  }
  const checkpoint = { origin: nation.origin, size: leaves.length, root: treeRoot(leaves.length, readNode) };
  publishCheckpoint(dir, await signCheckpoint(checkpoint, [await signerOf(log)]));
  return { ...source, dir };
}

function readRecords(dir: string, index: number, width: number) {
  if (width === 0) return [];
  return decodeRecords(readFileSync(join(dir, recordsPath({ index, width }))), width);
}
