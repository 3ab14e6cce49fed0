import type { AddressInfo } from 'node:net';
import { createParts, inEmergencyStream, inStream } from '@entente/bus';
import { memberToken } from '@entente/contract';
import { alarmOnChange, repeat, retryAsked, spaceOut } from '@entente/runtime';
import { isFault } from './accept-passage.js';
import { anchorAccess } from './anchor-access.js';
import { askEntries } from './ask-entries.js';
import { AT_ONCE, dispatch } from './dispatch.js';
import { endOver } from './end-retention.js';
import { createHttpServer } from './http/server.js';
import { logFoundHolds } from './log-found-holds.js';
import { receive, receiveAgain } from './receive.js';
import { askTime } from './reduce.js';
import { sayErased } from './say-erased.js';
import { sendRequests } from './send-requests.js';
import { type EdgeDeps, withStores } from './state.js';
import { watchClocks } from './watch-clocks.js';

export interface EdgeOptions {
  readonly httpPort: number;
  readonly httpToken: string;
}

const LOOK_EVERY_MS = 250;
/** Two rounds of sending begin this far apart at least: what is handed in at the same time is sealed, kept and sent together. */
const DISPATCH_EVERY_MS = 10;
const RECHECK_MS = 2000;
const ASK_EVERY_MS = 500;
const ERASE_EVERY_MS = 60_000;

/** The service a member runs: holds its keys, its outbox and its cases. */
export async function createEdge(deps: EdgeDeps, options: EdgeOptions) {
  const edge = withStores(deps);
  const { logger } = deps;
  let dispatching: Promise<unknown> = Promise.resolve();
  let isWoken = false;
  let isEnding = false;
  const myTurn = spaceOut(DISPATCH_EVERY_MS);
  /** One dispatch after the other, so that no message is sent twice at once; and one for all that woke it meanwhile. */
  const wake = () => {
    if (isWoken) return dispatching;
    isWoken = true;
    dispatching = dispatching
      .then(myTurn)
      .then(async () => {
        isWoken = false;
        // By a clock that is wrong, what waits would be over.
        if (!edge.clock.agrees()) return;
        const left = await dispatch(edge);
        // What was handed in faster than it was sent does not wait until somebody looks again, but for everybody else's turn.
        if (left >= AT_ONCE) setImmediate(() => isEnding || void wake());
      })
      .catch((error: unknown) => logger.error({ err: error }, 'dispatch failed'));
    return dispatching;
  };
  const app = await createHttpServer(edge, options.httpToken, () => void wake());
  const handleParts = createParts();
  const complain = (what: string) => (error: unknown) => logger.warn({ err: error }, what);
  const sayClock = alarmOnChange(
    logger,
    'the clocks of this edge and of its gate differ: nothing is sealed or opened until they agree; look after the time service',
    'the clocks agree again',
  );
  const sayRoom = alarmOnChange(
    logger,
    'there is no room on the disk of this edge: nothing is taken, and nothing is lost; make room',
    'there is room on the disk again',
  );
  /** Each time anew: a clock can be set at any time. */
  const byRightClock = (work: () => Promise<unknown>) => async () =>
    edge.clock.agrees() ? await work() : undefined;
  const recheck = async () => {
    sayRoom(edge.db.hasRoom());
    // A gate that cannot be asked keeps no directory waiting: what it said before goes on.
    if (edge.clock.isDue()) await askTime(edge).catch(complain('the gate cannot be asked for the time now'));
    if (sayClock(edge.clock.agrees())) await edge.refreshDirectory();
  };
  const stops: (() => Promise<void>)[] = [];

  return {
    needs: () => ({
      nation: deps.bus.connected,
      clock: edge.clock.agrees(),
      room: edge.db.hasRoom(),
    }),
    /** @returns the port of the HTTP API */
    start: async (): Promise<number> => {
      await logFoundHolds(edge).catch(complain('the legal holds cannot be put on record now'));
      const token = memberToken(deps.member);
      // Side by side: an emergency waits for nothing but what is in hand.
      const receiving = [inEmergencyStream(token), inStream(token)].map((stream) =>
        deps.bus.consume({ stream, durable: token }, (delivery) => receive(edge, delivery, handleParts)),
      );
      const sending = repeat(LOOK_EVERY_MS, async () => void (await wake()), complain('dispatch failed'));
      // By itself: how much there is to look after keeps nothing from being sent.
      const watching = repeat(
        LOOK_EVERY_MS,
        byRightClock(() => watchClocks(edge)),
        complain('the clocks of what was sent cannot be looked after'),
      );
      const rechecking = repeat(RECHECK_MS, recheck, complain('recheck failed'));
      const asking = repeat(
        ASK_EVERY_MS,
        byRightClock(async () => {
          await anchorAccess(edge);
          await sendRequests(edge);
        }),
        complain('the access log cannot be put on record now'),
      );
      const completing = repeat(
        ASK_EVERY_MS,
        byRightClock(() => askEntries(edge)),
        complain('the entries of gates that are missing cannot be asked for now'),
      );
      const saying = repeat(
        ASK_EVERY_MS,
        byRightClock(() => sayErased(edge)),
        complain('that something was erased cannot be said now'),
      );
      const erasing = repeat(
        ERASE_EVERY_MS,
        byRightClock(() => endOver(edge)),
        complain('what is over cannot be erased'),
      );
      const retrying = repeat(
        RECHECK_MS,
        async () => await retryAsked({ ...edge, isFault }, ({ bytes }) => receiveAgain(edge, bytes)),
        complain('the quarantine cannot be retried now'),
      );
      const receipts = receiving.map((one) => () => one.stop());
      stops.push(retrying, ...receipts, sending, watching, rechecking, asking, completing, saying, erasing);
      await app.listen({ host: '127.0.0.1', port: options.httpPort });
      const { port } = app.server.address() as AddressInfo;
      logger.info({ port }, 'the API listens on 127.0.0.1');
      return port;
    },
    stop: async () => {
      isEnding = true;
      await app.close();
      await Promise.all(stops.map((stop) => stop()));
      await dispatching;
      await deps.bus.close();
      await edge.passed.idle();
      deps.db.close();
    },
  };
}
