import { performance } from 'node:perf_hooks';
import { endOfYear } from '@entente/audit';
import type { Bus } from '@entente/bus';
import { subjects, wire } from '@entente/contract';
import {
  alarmOnChange,
  type ClockWatch,
  type Logger,
  repeat,
  type Told,
  type Tracing,
  tellAll,
} from '@entente/runtime';
import type { Signer } from '@entente/seal';
import { appendBatch, type Log } from './append-batch.js';
import { appendEach } from './append-each.js';
import type { AskOthers } from './ask-others.js';
import { deleteFiles, isOver, keepRemains } from './delete-log.js';
import { IMAGES_AT_ONCE } from './image.js';
import { createReadLog } from './log-reads.js';
import { logSettings } from './log-settings.js';
import type { Meter } from './meter.js';
import type { PastLog } from './past-log.js';
import type { ErasureRequest, LogNotice } from './place-own.js';
import { createQueue } from './queue.js';
import { readRecords } from './read-records.js';
import { createRetention } from './retain.js';
import { readLegalHold } from './retention-files.js';
import { readAuditorsSignoff, readRetentionSignoff } from './signoff-files.js';
import { confirmEnd, findOrder, type OpenLog, openChain, succeedIfDue } from './succeed.js';
import type { SuccessionOrder } from './succession-order.js';
import { tellFaults } from './tell-faults.js';
import { traceAppend } from './trace-append.js';
import { watchOthers } from './watch-others.js';

export interface LedgerDeps {
  readonly nation: string;
  /** Of the first log; those that followed it are found in the data folder. */
  readonly origin: string;
  readonly dataDir: string;
  /** Days after which an entry loses salt and record. */
  readonly retentionDays: number;
  /** Days after its last entry after which a log that has ended is deleted whole; not before its records. */
  readonly logRetentionDays: number;
  /** Who may read entries over HTTP, each as `name <SHA-256 of the token>`, by name. */
  readonly auditors: readonly string[];
  readonly signer: Signer;
  readonly loadKey: (path: string) => Promise<Signer>;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly tracing: Tracing;
  readonly now: () => number;
  /** Who may know more of its log than it does: after it was set back. */
  readonly others: AskOthers;
  /** Of this clock as it was when a gate last said the same time, told at the start what it is then. */
  readonly clock: ClockWatch;
}

const MAX_BATCH = 256;
/** So far apart at least two batches begin: each is a transaction, a checkpoint and its files. */
const GATHER_MS = 10;
const TURN_EVERY_MS = 5000;
/** Asks for nothing, and is refused: it makes the queue turn, and time pass for a log that nobody writes to. */
const NOTHING = new Uint8Array();

type Request = Uint8Array | ErasureRequest | LogNotice;

/** The service that alone writes a nation's logs: one origin after the other. */
export function createLedger(deps: LedgerDeps, turnEveryMs = TURN_EVERY_MS) {
  const { logger, dataDir, retentionDays, logRetentionDays, auditors } = deps;
  if (logRetentionDays < retentionDays)
    throw new Error('LOG_RETENTION_DAYS is less than RETENTION_DAYS: a log has to outlive its records');
  const alarm = (what: string) => logger.error({}, `ALARM: ${what}`);
  const tellAppended = (messages: readonly Told[]) => tellAll(logger, 'logged', messages);
  const others = watchOthers(deps);
  const chain = {
    ...deps,
    alarm,
    seenByOthers: others.seen,
    tellFault: tellFaults(logger, deps.meter.failed),
    tellAppended,
    imageOptions: {
      atOnce: IMAGES_AT_ONCE,
      onFault: (err: unknown) => logger.error({ err }, 'ALARM: the files of the log cannot be written'),
    },
  };
  let open: OpenLog | undefined;
  let order: SuccessionOrder | undefined;
  const leaving = new Set<PastLog>();
  const opened = (): OpenLog => {
    if (!open) throw new Error('the log is not open');
    return open;
  };

  const queue = createQueue(
    MAX_BATCH,
    async (requests: readonly Request[]) => {
      const startedMs = performance.now();
      others.check();
      // INVARIANT: between two batches, and nowhere else, one log ends, the next begins, and a past one leaves.
      const before = without(opened(), leaving);
      const isUndated = confirmEnd(before, order, requests);
      open = await succeedIfDue(chain, before, order);
      if (open.log.origin !== before.log.origin) {
        order = undefined;
        logger.info({ origin: open.log.origin, after: before.log.origin }, 'the log goes on');
      }
      const replies = await appendBatch(isUndated ? withoutTime(open.log) : open.log, requests);
      deps.meter.batch(requests.length, performance.now() - startedMs);
      return replies;
    },
    GATHER_MS,
  );
  const isYearOver = () => deps.now() >= (endOfYear(open?.log.origin ?? '') ?? Number.POSITIVE_INFINITY);
  deps.meter.watch(() => open?.log.store.head().size ?? 0, queue.waiting, isYearOver);

  /** @throws Error if it is not on record */
  const addOwn = async (request: ErasureRequest | LogNotice): Promise<void> => {
    const { entry, refusal, detail } = wire.appendReply.decode(await queue.add(request));
    if (!entry) throw new Error(`this ledger cannot put its own word on record: ${refusal} (${detail})`);
  };
  const retain = createRetention({
    ...{ log: () => opened().log, days: retentionDays, dir: dataDir, logger },
    isTimeSure: deps.clock.wasTold,
    erase: async (request) => {
      // INVARIANT: the entry that says so comes first. A crash before the rest leaves what is found to be over again.
      await addOwn(request);
      const past = opened().log.past.find(({ origin }) => origin === request.origin);
      past?.store.erase(request.indices);
    },
  });
  const deleteOver = async () => {
    const { past, now } = opened().log;
    for (const one of past.filter((log) => isOver(log, logRetentionDays, now()))) await deleteWhole(one);
  };
  const deleteWhole = async (one: PastLog) => {
    const notice = keepRemains(dataDir, one);
    if (!isSaid(opened(), one.origin)) await addOwn(notice);
    leaving.add(one);
    await queue.add(NOTHING);
    deleteFiles(dataDir, one);
    logger.info({ origin: one.origin }, 'a log whose time was over is deleted');
  };
  const lookForOrder = async () => {
    order = await findOrder(chain, opened()).catch((error: Error) => {
      alarm(`the log cannot go on as it was ordered: ${error.message}`);
      return undefined;
    });
    await queue.add(NOTHING);
  };
  const reads = createReadLog({ now: deps.now, append: addOwn });
  let areSettingsSaid = false;
  const saySettings = async () => {
    await logSettings({
      log: opened().log,
      retention: { days: retentionDays, logDays: logRetentionDays },
      auditors,
      readHold: () => readLegalHold(dataDir),
      readRetentionSignoff: (days) => readRetentionSignoff(dataDir, days),
      readAuditorsSignoff: (named) => readAuditorsSignoff(dataDir, named),
      append: addOwn,
    });
    areSettingsSaid = true;
  };
  const sayClock = alarmOnChange(
    logger,
    'the clock of this ledger was set, and no gate says the same time: nothing is dated by it; look after the time service',
    'the clock is right again',
  );
  const sayRoom = alarmOnChange(
    logger,
    'there is no room on the disk of this ledger: nothing is logged, so nothing moves; make room',
    'there is room on the disk again',
  );
  const sayYear = alarmOnChange(
    logger,
    'the year of this log is over, and no order ends it: entente ledger succeed',
    'the log is that of its year again',
  );
  const hasRoom = () => open?.log.store.hasRoom() ?? true;
  const turn = async () => {
    await others.look(opened());
    if (others.isBehind()) return;
    // INVARIANT: what is over is over by a clock that is right, for what is erased does not come back: not before a gate has said the same
    // time since the start.
    if (!sayClock(deps.clock.agrees()) || !sayRoom(hasRoom())) return;
    await lookForOrder();
    if (confirmEnd(opened(), order)) return;
    sayYear(order !== undefined || !isYearOver());
    await reads.flush();
    await saySettings();
    await retain();
    if (deps.clock.wasTold()) await deleteOver();
  };
  let turning: (() => Promise<void>) | undefined;
  let service: { stop: () => Promise<void> } | undefined;
  let isOpen = false;

  return {
    /** Records of any log that is still there, as auditors read them; undefined beyond it. */
    readRecords: (origin: string, index: number, width: number) => {
      const logs = open ? [open.log, ...open.log.past] : [];
      const log = logs.find((one) => one.origin === origin);
      return log && readRecords(log.store, index, width);
    },
    needs: () => ({
      nation: deps.bus.connected,
      log: isOpen && !others.isBehind(),
      clock: deps.clock.agrees(),
      room: hasRoom(),
    }),
    start: async () => {
      open = await openChain(chain);
      await lookForOrder();
      // Before anybody appends: what applies from here on stands in front of it.
      if (!confirmEnd(opened(), order))
        await saySettings().catch((error: unknown) =>
          logger.error({ err: error }, 'ALARM: the settings cannot be put on record'),
        );
      deps.bus.keepWithOthers();
      service = deps.bus.serve(
        subjects.append,
        async (bytes, _, traceparents) =>
          await appendEach(bytes, traceAppend(deps.tracing, traceparents, queue.add)),
        { maxInFlight: 4 * MAX_BATCH, now: deps.now },
      );
      turning = repeat(turnEveryMs, turn, (error) =>
        logger.error({ err: error }, 'ALARM: what is over cannot be ended'),
      );
      isOpen = true;
      const { log } = opened();
      logger.info({ origin: log.origin, size: log.store.head().size }, 'the log is open');
    },
    /** What is done every few seconds: orders, and the end of what is over. */
    turn,
    /** An auditor reads a bundle of entries: resolves when that is on record. @throws Error while the log is not open, or does not say who may */
    noteRead: async (reader: string, bundle: number): Promise<void> => {
      if (!isOpen) throw new Error('the log is not open');
      if (!areSettingsSaid) throw new Error('the log does not say yet who may read it');
      await reads.note(reader, bundle);
    },
    stop: async () => {
      isOpen = false;
      await turning?.();
      await reads
        .flush(true)
        .catch((error: unknown) => logger.error({ err: error }, 'who has read is not all on record'));
      await service?.stop();
      await queue.idle();
      try {
        open?.log.image.catchUp();
      } catch (err) {
        logger.error({ err }, 'the files of the log are behind; the next start mends that');
      }
      await deps.bus.close();
      for (const { store } of open ? [...open.log.past, open.log] : []) store.close();
    },
  };
}

function without({ log, folder }: OpenLog, leaving: ReadonlySet<PastLog>): OpenLog {
  const past = log.past.filter((one) => !leaving.has(one));
  return past.length === log.past.length ? { log, folder } : { log: { ...log, past }, folder };
}

/** What it holds is answered, and nothing is dated. */
function withoutTime(log: Log): Log {
  return { ...log, clock: { ...log.clock, agrees: () => false } };
}

/** Whether the log says already that another one was deleted. */
function isSaid({ log }: OpenLog, origin: string): boolean {
  return log.store
    .own('log-deleted')
    .some(({ record }) => record && wire.record.decode(record).past?.origin === origin);
}
