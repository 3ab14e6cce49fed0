import {
  type Bus,
  BusError,
  type BusErrorCode,
  HELD_STREAM,
  inEmergencyStream,
  inStream,
  type StreamState,
} from '@entente/bus';
import { crossEmergencySubject, LIMITS, memberToken } from '@entente/contract';
import type { Sample } from '@entente/runtime';
import type { GateDeps } from './state.js';

type StreamConfig = Parameters<Bus['ensureStream']>[0];

/** A stream, and who takes from it. */
interface Place {
  readonly bus: Bus;
  readonly stream: StreamConfig;
  readonly durable?: string;
  /** Whether it is more than one member's. */
  readonly isOfAll: boolean;
}

interface Outcome {
  readonly place: Place;
  readonly found?: StreamState;
  readonly error?: unknown;
}

const DAY_MS = 86_400_000;
/** Of one member, in each of its two queues; each may be a batch. What is beyond stays in that member's outbox. */
const MOST_OF_MEMBER = 256;
/** Emergencies of one other nation; each may be a batch. What is beyond comes the ordinary way. */
const MOST_OF_NATION = 256;
/** Emergencies for one member, in bytes. What is beyond goes the ordinary way. */
const EMERGENCIES_IN = 2 ** 26;
/** So many members' streams, of which each has two, are looked at side by side, and at each call: of a thousand members, at all within two minutes. */
const MEMBERS_AT_ONCE = 16;
/** What says something of one stream and not of the server or the way to it. A cluster that has no leader yet says it as well. */
const ABOUT_ONE: readonly BusErrorCode[] = [
  'refused',
  'config-mismatch',
  'not-found',
  'not-permitted',
  'bad-answer',
  'full',
];
/** A server that has just come back may say so once. */
const TELL_AFTER_LOOKS = 3;

/**
 * Makes the streams and consumers, or makes them again after a server lost them: members have no right to. Several gates of one
 * nation may do it at once: making what is there already changes nothing.
 * A message waits here at most as long as it may live; what is lost is sent again by its sender.
 */
export function followStreams(gate: GateDeps, membersAtOnce = MEMBERS_AT_ONCE) {
  const faults = createFaults(gate);
  const depths = new Map<string, number>();
  let made = '';
  let next = 0;

  /** @returns whether one of them was not there. @throws what concerns them all */
  const ensureAll = async (places: readonly Place[]): Promise<boolean> => {
    const outcomes = await Promise.all(places.map((place) => tryToEnsure(gate, place)));
    const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
    // In a cluster one stream can be without its majority. Where none of all that there has to be answers it is the server.
    const areSilent = errors.length === places.length && places.some(({ isOfAll }) => isOfAll);
    const ofAll = errors.find((error) => !(isAboutOne(error) || (isTimeout(error) && !areSilent)));
    if (ofAll !== undefined) throw ofAll;
    for (const outcome of outcomes) faults.note(outcome);
    for (const { place, found } of outcomes) if (found) depths.set(place.stream.name, found.messages);
    return outcomes.some(({ found }) => found?.isNew);
  };

  return {
    /**
     * Looks at what there is; call it every second or so. The first call, and each that finds another directory or the nation's own
     * streams gone, as after the loss of a store, makes all; every other looks at the next few members. One stream that cannot be made
     * keeps no other from being made: it is told, and looked at again each time.
     * @throws BusError that concerns all of them, as without a connection
     */
    look: async (): Promise<void> => {
      const { sha256 } = ownNation(gate);
      const members = memberPlaces(gate);
      if (made !== sha256) {
        faults.forget();
        depths.clear();
      }
      // INVARIANT: if making all fails on its way, the next call makes all.
      if ((await ensureAll([...ownPlaces(gate), ...crossPlaces(gate)])) || made !== sha256) made = '';
      const isMade = made === sha256;
      const until = isMade ? next + membersAtOnce : members.length;
      const again = isMade ? faults.places().filter(({ isOfAll }) => !isOfAll) : [];
      for (let from = isMade ? next : 0; from < until; from += membersAtOnce)
        await ensureAll(members.slice(from, from + membersAtOnce).flat());
      for (let from = 0; from < again.length; from += membersAtOnce)
        await ensureAll(again.slice(from, from + membersAtOnce));
      made = sha256;
      next = until < members.length ? until : 0;
      faults.tell();
    },
    /** Messages in each stream when it was last looked at. */
    depths: (): Sample[] => [...depths].map(([stream, value]) => ({ labels: { stream }, value })),
    /** Whether there is all that stands between the members and other nations; one member's own stream may be missing. */
    areThere: (): boolean => made !== '' && !faults.places().some(({ isOfAll }) => isOfAll),
  };
}

function createFaults({ logger }: GateDeps) {
  const faults = new Map<string, { readonly place: Place; readonly error: unknown; looks: number }>();
  return {
    places: () => [...faults.values()].map(({ place }) => place),
    forget: () => faults.clear(),
    note: ({ place, error }: Outcome) => {
      const { name } = place.stream;
      const looks = faults.get(name)?.looks ?? 0;
      if (error !== undefined) faults.set(name, { place, error, looks });
      else if (faults.delete(name) && looks >= TELL_AFTER_LOOKS)
        logger.info({ stream: name }, 'this stream is as it should be again');
    },
    tell: () => {
      for (const [stream, fault] of faults)
        if (++fault.looks === TELL_AFTER_LOOKS)
          logger.error(
            { stream, err: fault.error },
            'ALARM: this stream or its consumer cannot be made as it should be; what takes this way stands still until it can',
          );
    },
  };
}

const isAboutOne = (error: unknown): boolean => error instanceof BusError && ABOUT_ONE.includes(error.code);
const isTimeout = (error: unknown): boolean => error instanceof BusError && error.code === 'timeout';

async function tryToEnsure(gate: GateDeps, place: Place): Promise<Outcome> {
  try {
    return { place, found: await ensure(gate, place) };
  } catch (error) {
    return { place, error };
  }
}

async function ensure({ logger }: GateDeps, { bus, stream, durable }: Place): Promise<StreamState> {
  const { name } = stream;
  const found = await bus.ensureStream(stream);
  if (!durable) return found;
  try {
    await bus.ensureConsumer(name, { durable });
    return found;
  } catch (error) {
    if (!(error instanceof BusError && error.code === 'unreadable')) throw error;
    logger.error(
      { stream: name, err: error },
      'ALARM: the files of the NATS server are damaged; this stream is made anew, and what was in it is sent again by who sent it',
    );
    await bus.removeStream(name);
    await bus.ensureStream(stream);
    await bus.ensureConsumer(name, { durable });
    return { isNew: true, messages: 0 };
  }
}

function commonOf({ replicas }: GateDeps) {
  const maxAgeMs = LIMITS.lifetimeMs + DAY_MS;
  return { maxAgeMs, maxMessageBytes: LIMITS.transit + 4096, maxBytes: 2 ** 30, replicas };
}

/** Emergencies have a stream of their own: what waits in the other does not stand before them, and what fills it does not keep them out. */
function ownPlaces(gate: GateDeps): Place[] {
  const { bus } = gate;
  const common = commonOf(gate);
  const fromMembers = { maxPerSubject: MOST_OF_MEMBER, ...common };
  const held = { name: HELD_STREAM, subjects: ['gate.held.*'], keepsLast: true, ...common };
  return [
    {
      bus,
      stream: { name: 'OUT', subjects: ['edge.out.*'], ...fromMembers },
      durable: 'gate',
      isOfAll: true,
    },
    {
      bus,
      stream: { name: 'EMERGENCY', subjects: ['edge.emergency.*'], ...fromMembers },
      durable: 'gate',
      isOfAll: true,
    },
    { bus, stream: held, isOfAll: true },
  ];
}

/** Of each member. */
function memberPlaces(gate: GateDeps): Place[][] {
  const common = commonOf(gate);
  return ownNation(gate).part.members.map(({ id }) => {
    const token = memberToken(id);
    const ordinary = { name: inStream(token), subjects: [`edge.in.${token}`], ...common };
    const ahead = {
      ...{ name: inEmergencyStream(token), subjects: [`edge.in-emergency.${token}`] },
      ...{ ...common, maxBytes: EMERGENCIES_IN },
    };
    return [ordinary, ahead].map((stream) => ({ bus: gate.bus, stream, durable: token, isOfAll: false }));
  });
}

/** Only agreed counterparts: that list is also the legal truth. */
function crossPlaces(gate: GateDeps): Place[] {
  const { counterparts } = ownNation(gate).part;
  if (counterparts.length === 0) return [];
  const common = commonOf(gate);
  const ordinary = {
    name: 'CROSS',
    subjects: counterparts.map((other) => `cross.${gate.nation}.${other}.>`),
    ...common,
  };
  const ahead = {
    name: 'CROSS_EMERGENCY',
    subjects: counterparts.map((other) => crossEmergencySubject(gate.nation, other)),
    maxPerSubject: MOST_OF_NATION,
    ...common,
  };
  return [ordinary, ahead].map((stream) => ({ bus: gate.cross, stream, durable: 'gate', isOfAll: true }));
}

function ownNation(gate: GateDeps) {
  const nation = gate.directory().nations.get(gate.nation);
  if (!nation)
    throw new Error(`the directory has no valid part for ${gate.nation}; this gate cannot work without it`);
  return nation;
}
