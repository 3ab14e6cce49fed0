import type { wire } from '@entente/contract';
import { createRateLimit, type Logger, type Metrics } from '@entente/runtime';
import type { ProbeNonces } from './probe-nonce.js';

export interface ProbesDeps {
  /** The nations that this one exchanges with now. */
  readonly counterparts: () => readonly string[];
  readonly send: (to: string, probe: wire.ProbeFrame) => Promise<void>;
  readonly nonces: ProbeNonces;
  readonly logger: Pick<Logger, 'error'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly now: () => number;
}

/** What is known of the way to a counterpart's gate and back. */
export interface Counterpart {
  readonly nation: string;
  /** ISO time of the last answer; null: it has never answered. */
  readonly answeredAt: string | null;
  readonly roundTripMs: number | null;
  /** How far its clock is ahead of this one's, to half of the round trip. */
  readonly clockAheadMs: number | null;
}

export type Probes = ReturnType<typeof createProbes>;

interface State {
  /** When this gate last asked; 0: only another gate of this nation has. */
  sentMs: number;
  /** When the question went that was last answered, whichever gate of this nation asked it. */
  heardMs: number;
  answeredMs: number | null;
  roundTripMs: number | null;
  clockAheadMs: number | null;
}

const UNKNOWN: State = { sentMs: 0, heardMs: 0, answeredMs: null, roundTripMs: null, clockAheadMs: null };
const ANSWERS_PER_SECOND = 2;
/** Of one that answers, and of one that has not answered the last question. */
const ASK_AGAIN_MS = 30_000;
const ASK_SOON_MS = 5000;
/** Less than the skew that is allowed between clocks (5 min): a warning has to come before messages fail. */
const CLOCK_ALARM_MS = 60_000;

/**
 * Asks each counterpart's gate on the very way that messages take, and measures the answer. What comes back counts only with the
 * nonce of a question of the last seconds, which only that nation's gate could read, and once: the interconnect can lose or delay it,
 * and no more.
 */
export function createProbes({ counterparts, send, nonces, logger, metrics, now }: ProbesDeps) {
  const states = new Map<string, State>();
  const mayAnswer = createRateLimit(ANSWERS_PER_SECOND, now);
  const list = (): Counterpart[] =>
    counterparts().map((nation) => {
      const { answeredMs = null, roundTripMs = null, clockAheadMs = null } = states.get(nation) ?? {};
      const answeredAt = answeredMs === null ? null : new Date(answeredMs).toISOString();
      return { nation, answeredAt, roundTripMs, clockAheadMs };
    });
  const startedMs = now();
  metrics.gauge(
    'gate_counterpart_silent_seconds',
    'Since the gate of each counterpart last answered.',
    ['nation'],
    () =>
      counterparts().map((nation) => ({
        labels: { nation },
        value: (now() - (states.get(nation)?.answeredMs ?? startedMs)) / 1000,
      })),
  );

  const isDue = (nation: string): boolean => {
    const { sentMs = 0, answeredMs = null } = states.get(nation) ?? {};
    const isAnswered = answeredMs !== null && answeredMs >= sentMs;
    // Also when this clock was set back.
    return sentMs === 0 || Math.abs(now() - sentMs) >= (isAnswered ? ASK_AGAIN_MS : ASK_SOON_MS);
  };
  const stateOf = (nation: string): State => {
    const state = states.get(nation) ?? { ...UNKNOWN };
    states.set(nation, state);
    return state;
  };
  const ask = async (nation: string): Promise<void> => {
    const state = stateOf(nation);
    state.sentMs = now();
    await send(nation, { nonce: nonces.make(nation, state.sentMs), isAnswer: false, atMs: state.sentMs });
  };
  const hear = (nation: string, { nonce, atMs }: wire.ProbeFrame): void => {
    const askedMs = nonces.read(nation, nonce);
    const nowMs = now();
    if (askedMs === undefined || Math.abs(nowMs - askedMs) >= ASK_SOON_MS) return;
    const state = stateOf(nation);
    const isClockSetBack = state.heardMs > nowMs + ASK_SOON_MS;
    if (askedMs <= state.heardMs && !isClockSetBack) return;
    state.heardMs = askedMs;
    state.answeredMs = nowMs;
    // The clock of the gate that asked may be a little ahead of this one's.
    state.roundTripMs = Math.max(0, nowMs - askedMs);
    state.clockAheadMs = Math.round(atMs - (askedMs + nowMs) / 2);
    if (Math.abs(state.clockAheadMs) > CLOCK_ALARM_MS + state.roundTripMs)
      logger.error(
        { nation, aheadMs: state.clockAheadMs },
        'ALARM: the clocks of this gate and of a counterpart differ; beyond five minutes messages are refused',
      );
  };

  return Object.freeze({
    list,
    /** Asks whose turn it is; one that cannot be reached keeps no other waiting. */
    ask: async (): Promise<void> => {
      for (const nation of states.keys()) if (!counterparts().includes(nation)) states.delete(nation);
      const asked = await Promise.allSettled(counterparts().filter(isDue).map(ask));
      const failed = asked.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    },
    /** Anybody who has this gate's public key can ask; nobody is answered more than twice a second. */
    receive: async (nation: string, probe: wire.ProbeFrame): Promise<void> => {
      if (probe.isAnswer) return hear(nation, probe);
      if (!counterparts().includes(nation) || !mayAnswer(nation)) return;
      await send(nation, { nonce: probe.nonce, isAnswer: true, atMs: now() });
    },
  });
}
