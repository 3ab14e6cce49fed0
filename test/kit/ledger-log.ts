import { randomBytes } from 'node:crypto';
import { paths } from '@entente/cli';
import { type MemberId, newId, wire } from '@entente/contract';
import type { LedgerDeps } from '@entente/ledger';
import { askOthers, createLedger } from '@entente/ledger';
import { NO_TRACING, watchClock } from '@entente/runtime';
import { loadSigner, readUnverifiedHeader, sealStatement } from '@entente/seal';
import { type BuiltSource, makeNation } from '../bench/build-log.mjs';

/** A log as a ledger at work has written it, and what wrote it. */
export interface LedgerLog extends Awaited<ReturnType<typeof makeNation>> {
  readonly source: BuiltSource;
}

const BATCH = 256;
/** The records of these indices are referrals. */
export const CROSSINGS = 20;
/** No turn comes by itself. */
const NEVER_MS = 2 ** 31 - 1;

/** A whole ledger at work on a folder, but for NATS: what it serves is called. */
export async function openLedger(
  { home, nation }: Pick<LedgerLog, 'home' | 'nation'>,
  dataDir = paths.ledger(home.dir, nation.code),
  now = Date.now,
) {
  let serve: (bytes: Uint8Array) => Promise<Uint8Array> = () => Promise.reject(new Error('not started'));
  const bus = {
    serve: (_subject: string, handler: typeof serve) => {
      serve = handler;
      return { stop: async () => undefined };
    },
    keepWithOthers: () => undefined,
    connected: () => true,
    close: async () => undefined,
  } as unknown as LedgerDeps['bus'];
  const key = paths.secret(home.dir, `services.${nation.code.toLowerCase()}`, 'ledger.key');
  const ledger = createLedger(
    {
      ...{ nation: nation.code, origin: nation.origin, dataDir, bus, loadKey: loadSigner, now },
      ...{ retentionDays: 60, logRetentionDays: 60, signer: await loadSigner(key), tracing: NO_TRACING },
      logger: { info: () => undefined, error: () => undefined } as unknown as LedgerDeps['logger'],
      meter: { batch: () => undefined, watch: () => undefined } as unknown as LedgerDeps['meter'],
      others: askOthers([], now),
      auditors: [],
      clock: watchClock(now, Number.POSITIVE_INFINITY),
    },
    NEVER_MS,
  );
  await ledger.start();
  return {
    /** @throws Error with the word of a refusal */
    append: async (records: readonly Uint8Array[]): Promise<void> => {
      for (let at = 0; at < records.length; at += BATCH) {
        const asked = records.slice(at, at + BATCH).map((record) => wire.appendRequest.encode({ record }));
        for (const reply of await Promise.all(asked.map((one) => serve(one)))) {
          const { refusal, detail } = wire.appendReply.decode(reply);
          if (refusal !== '') throw new Error(`the ledger refuses: ${refusal} (${detail})`);
        }
      }
    },
    stop: ledger.stop,
  };
}

/** What a gate has its ledger adopt. */
function adoption(nation: string, event: string, sha256: Uint8Array, versions: Versions): Uint8Array {
  return wire.record.encode({ nation, event, adoption: { sha256, versions }, decidedAtMs: Date.now() });
}

type Versions = readonly { readonly part: string; readonly version: number }[];

/**
 * The log of the nation that all of these messages go to, as it would be there: what `from` logged as leaving has entered.
 * @param lost index of the record of which it has no entry
 * @param added a record that `from` does not hold; it is logged two hours later
 */
export async function writeOtherLog(
  { home, directory, recordAt, source }: LedgerLog,
  size: number,
  { lost, added }: { readonly lost: number; readonly added: number },
): Promise<BuiltSource> {
  const nation = home.nations[1] as LedgerLog['nation'];
  let shiftMs = 0;
  const ledger = await openLedger({ home, nation }, undefined, () => Date.now() + shiftMs);
  const packSha256 = randomBytes(32);
  const entered = (at: number) =>
    wire.record.encode({
      ...{ ...wire.record.decode(recordAt(at).record), nation: nation.code, stage: 'enter', packSha256 },
    });
  await ledger.append([
    adoption(nation.code, 'adopt-pack', packSha256, [{ part: 'pack', version: 1 }]),
    adoption(nation.code, 'adopt-directory', directory.sha256, directory.versions),
  ]);
  const all = Array.from({ length: size - FIRST_MESSAGE }, (_, i) => FIRST_MESSAGE + i);
  await ledger.append(all.filter((at) => at !== lost).map(entered));
  shiftMs = 2 * 3_600_000;
  await ledger.append([entered(added)]);
  await ledger.stop();
  const dir = paths.ledger(home.dir, nation.code);
  return { ...source, nation: nation.code, dir, vkey: nation.vkey };
}

/** Before it stand two adoptions. */
const FIRST_MESSAGE = 2;

/** A word about the first referral of the log, by a ministry. */
export async function approvalIn({
  home,
  recordAt,
}: Pick<LedgerLog, 'home' | 'recordAt'>): Promise<Uint8Array> {
  const record = wire.record.decode(recordAt(CROSSINGS).record);
  const header = readUnverifiedHeader(record.seal);
  const about = [{ messageId: header.id, messageHash: record.messageHash, code: 'lawful' }];
  const signer = await loadSigner(paths.secret(home.dir, 'ministry.de', 'sign.key'));
  const { envelope, messageHash } = await sealStatement(
    { ...header, facts: null, id: newId(), from: 'ministry.de' as MemberId, fromRole: 'ministry' } as never,
    { evidence: 'released', atMs: Date.now(), about },
    signer,
    wire.Kind.KIND_APPROVAL,
  );
  const { seal } = wire.envelope.decode(envelope);
  const said = { event: 'approval', stage: 'inside', seal, messageHash, verdict: { decision: 'permit' } };
  return wire.record.encode({ ...record, input: null, ...said });
}

/** What a gate says of a message that it could not handle, and kept for its time. */
function quarantineEnd(nation: string): Uint8Array {
  const erasure = { indices: [], reason: 'time-over', reference: 'QUARANTINE_DAYS 30' };
  const about = { event: 'quarantine-end', step: 'first', messageHash: randomBytes(16), erasure };
  return wire.record.encode({ nation, ...about, decidedAtMs: Date.now() });
}

/**
 * So many entries of messages that are all different, each twentieth of them a referral that was decided.
 * @param spare so many more records are made, and not logged
 */
export async function writeLedgerLog(dir: string, size: number, spare = 0): Promise<LedgerLog> {
  const log = await makeNation(dir, { crossings: CROSSINGS, distinct: size + spare });
  const ledger = await openLedger(log);
  await ledger.append(Array.from({ length: size }, (_, i) => log.recordAt(i).record));
  await ledger.append([await approvalIn(log), quarantineEnd(log.nation.code)]);
  await ledger.stop();
  return log;
}
