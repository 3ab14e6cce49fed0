import { setTimeout as delay } from 'node:timers/promises';
import { createParts, type Delivery, type HandleParts } from '@entente/bus';
import { alarmOnChange, type Quarantined, repeat, retryAsked } from '@entente/runtime';
import { adoptIfNew, adoptPack, hasAdopted } from './adopt.js';
import { dropOrdered } from './drop-ordered.js';
import { endOver } from './end-quarantine.js';
import { fromMember, handInAgain } from './from-member.js';
import { crossAgain, fromNation, nationIn } from './from-nation.js';
import { giveWay } from './give-way.js';
import { askTime } from './ledger-client.js';
import type { Queue } from './meter.js';
import { isFault } from './refuse-poison.js';
import { servePreflights } from './serve-preflights.js';
import { createShares, pace, type Share } from './share-fairly.js';
import type { GateDeps } from './state.js';
import { followStreams } from './streams.js';
import { tellPassed } from './tell-passed.js';
import { watchOwnLog } from './watch-own-log.js';

const RECHECK_MS = 2000;
const PROBE_EVERY_MS = 1000;
const END_EVERY_MS = 3_600_000;
/** Of one member or other nation, of the 64 messages of one queue that are in hand at once. */
const SHARE = 56;
/** Envelopes, of which one message may hold many: a quarter of a second's work. */
const SHARE_OF_ENVELOPES = 256;

/** The service at a nation's border. It keeps no state but what it cannot handle: everything is in the ledger, the streams and the senders' outboxes. */
export function createGate(deps: GateDeps, recheckMs = RECHECK_MS) {
  const stops: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const complain = (what: string) => (error: unknown) => deps.logger.warn({ err: error }, what);
  const shares = createShares(SHARE, deps.meter.deferred);
  const shareEnvelopes = createShares(SHARE_OF_ENVELOPES, deps.meter.deferred);
  const paced = pace(deps.mayHandIn, deps.meter.deferred);
  const ofMember: Share = (delivery, work) => shareEnvelopes(delivery, () => paced(delivery, work));
  const handleParts = createParts();
  const streams = followStreams(deps);
  const ownLog = watchOwnLog(deps);
  const way = giveWay(deps);
  /** Of one message, with the time for which it gives way to what is ahead. */
  const timed = async <T>(queue: Queue, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    try {
      if (way.isNeeded() && !isAhead(queue)) await way.ordinary();
      return await work();
    } finally {
      deps.meter.handled(queue, performance.now() - startedMs);
    }
  };

  /** Counts and times each part of a message for itself. */
  const eachOf =
    (queue: Queue, share: Share = (_, work) => work()) =>
    (delivery: Delivery): HandleParts =>
    (message, parts, handle) =>
      handleParts(message, parts, (part) => share(delivery, () => timed(queue, () => handle(part))));
  const inItsTurn = <T>(queue: Queue, work: () => Promise<T>): Promise<T> =>
    isAhead(queue) ? way.ahead(work) : work();

  const sayClock = alarmOnChange(
    deps.logger,
    'the clocks of this gate and of its ledger differ: nothing is decided until they agree; look after the time service',
    'the clocks agree again',
  );
  const recheck = async () => {
    if (deps.clock.isDue())
      await askTime(deps).catch(complain('the ledger cannot be asked for the time now'));
    // A directory that is valid would be dropped by a clock that is wrong.
    if (!sayClock(deps.clock.agrees())) return;
    await deps.refreshDirectory();
    ownLog.tell();
    await adoptIfNew(deps);
    await deps.packs.refresh((pack) => adoptPack(deps, pack));
    await streams.look();
  };

  /** As its queue would have it handled, but that nothing keeps it again. */
  const retryQuarantined = async () =>
    await retryAsked({ ...deps, isFault }, async ({ subject, bytes }: Quarantined) =>
      subject.startsWith('edge.')
        ? await handInAgain(deps, subject, bytes)
        : await crossAgain(deps, subject, bytes),
    );

  return {
    /** What a gate needs to let anything pass. */
    needs: () => ({
      nation: deps.bus.connected,
      interconnect: deps.cross.connected,
      directory: hasAdopted(deps),
      pack: hasPack(deps),
      clock: deps.clock.agrees(),
      log: ownLog.isNamed(),
      streams: streams.areThere(),
    }),
    /** Messages that wait in each stream. */
    depths: streams.depths,
    /** @throws AbortError if it is stopped before it has what it needs */
    start: async () => {
      await untilItWorks(recheck, complain('not ready yet, trying again'), stopping.signal);
      const fromMembers = (stream: string, queue: Queue) =>
        deps.bus.consume({ stream, durable: 'gate' }, (delivery) =>
          shares(delivery, () =>
            inItsTurn(queue, () => fromMember(deps, delivery, eachOf(queue, ofMember)(delivery))),
          ),
        );
      // Side by side, and what is in hand gives way: an emergency waits for no more than one step of it.
      const emergency = fromMembers('EMERGENCY', 'emergency');
      const member = fromMembers('OUT', 'member');
      const fromNations = (stream: string, queue: Queue) => {
        const sharesOfNations = createShares(SHARE, deps.meter.deferred, nationIn);
        return deps.cross.consume({ stream, durable: 'gate' }, (delivery) =>
          sharesOfNations(delivery, () =>
            inItsTurn(queue, () => fromNation(deps, delivery, eachOf(queue)(delivery))),
          ),
        );
      };
      const nationEmergency = fromNations('CROSS_EMERGENCY', 'nation-emergency');
      const nation = fromNations('CROSS', 'nation');
      const asked = servePreflights(deps);
      const probing = repeat(PROBE_EVERY_MS, deps.probes.ask, complain('a probe failed'));
      const rechecking = repeat(recheckMs, recheck, complain('recheck failed'));
      const retrying = repeat(recheckMs, retryQuarantined, complain('the quarantine cannot be retried now'));
      const ending = repeat(
        END_EVERY_MS,
        () => endOver(deps),
        complain('what is over in quarantine cannot be ended now'),
      );
      const dropping = repeat(
        recheckMs,
        () => dropOrdered(deps),
        complain('what was ordered to go from quarantine cannot go now'),
      );
      stops.push(
        ending,
        dropping,
        rechecking,
        retrying,
        probing,
        () => emergency.stop(),
        () => member.stop(),
        () => nationEmergency.stop(),
        () => nation.stop(),
        () => asked.stop(),
      );
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(stops.map((stop) => stop()));
      await Promise.all([deps.bus.close(), deps.cross.close(), tellPassed(deps).idle()]);
    },
  };
}

const isAhead = (queue: Queue): boolean => queue === 'emergency' || queue === 'nation-emergency';

/** The ledger or the server may start after the gate. */
async function untilItWorks(
  work: () => Promise<void>,
  complain: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      complain(error);
      await delay(500, undefined, { signal });
    }
  }
}

function hasPack({ packs }: GateDeps): boolean {
  try {
    return packs.own() !== undefined;
  } catch {
    return false;
  }
}
