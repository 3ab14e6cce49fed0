import { HELD_STREAM, inStream } from '@entente/bus';
import { LIMITS, memberToken } from '@entente/contract';
import type { GateDeps } from './state.js';

const DAY_MS = 86_400_000;
/** Of one member, in each of its two queues; each may be a batch. What is beyond stays in that member's outbox. */
const MOST_OF_MEMBER = 256;

/** Emergencies have a stream of their own: what waits in the other does not stand before them, and what fills it does not keep them out. */
const FROM_MEMBERS = [
  { name: 'OUT', subjects: ['edge.out.*'] },
  { name: 'EMERGENCY', subjects: ['edge.emergency.*'] },
] as const;

/** So many members' streams are looked at side by side, and at each call: of a thousand members, at all within two minutes. */
const MEMBERS_AT_ONCE = 16;

/** All that there has to be. */
export async function ensureStreams(gate: GateDeps): Promise<void> {
  await followStreams(gate)();
}

/**
 * Makes the streams and consumers, or makes them again after a server lost them: members have no right to. Several gates of one
 * nation may do it at once: making what is there already changes nothing.
 * A message waits here at most as long as it may live; what is lost is sent again by its sender.
 *
 * @returns looks at what there is; call it every second or so. The first call, and each that finds another directory or the nation's
 *   own streams gone, as after the loss of a store, makes all; every other looks at the next few members
 */
export function followStreams(gate: GateDeps, membersAtOnce = MEMBERS_AT_ONCE): () => Promise<void> {
  let made = '';
  let next = 0;
  return async () => {
    const { part, sha256 } = ownNation(gate);
    // INVARIANT: if making all fails on its way, the next call makes all.
    if ((await ensureOwn(gate)) || made !== sha256) made = '';
    const isMade = made === sha256;
    const until = isMade ? next + membersAtOnce : part.members.length;
    for (let from = isMade ? next : 0; from < until; from += membersAtOnce)
      await Promise.all(
        part.members.slice(from, from + membersAtOnce).map(({ id }) => ensureMember(gate, id)),
      );
    await ensureCrossing(gate, part.counterparts);
    made = sha256;
    next = until < part.members.length ? until : 0;
  };
}

function commonOf({ replicas }: GateDeps) {
  const maxAgeMs = LIMITS.lifetimeMs + DAY_MS;
  return { maxAgeMs, maxMessageBytes: LIMITS.transit + 4096, maxBytes: 2 ** 30, replicas };
}

/** @returns whether one of them was not there */
async function ensureOwn(gate: GateDeps): Promise<boolean> {
  const common = commonOf(gate);
  const maxPerSubject = MOST_OF_MEMBER;
  const isNew = [];
  for (const { name, subjects } of FROM_MEMBERS) {
    isNew.push(await gate.bus.ensureStream({ name, subjects, maxPerSubject, ...common }));
    await gate.bus.ensureConsumer(name, { durable: 'gate' });
  }
  const held = { name: HELD_STREAM, subjects: ['gate.held.*'], keepsLast: true };
  isNew.push(await gate.bus.ensureStream({ ...held, ...common }));
  return isNew.includes(true);
}

async function ensureMember(gate: GateDeps, id: string): Promise<void> {
  const token = memberToken(id);
  const name = inStream(token);
  await gate.bus.ensureStream({ name, subjects: [`edge.in.${token}`], ...commonOf(gate) });
  await gate.bus.ensureConsumer(name, { durable: token });
}

/** Only agreed counterparts: that list is also the legal truth. */
async function ensureCrossing(gate: GateDeps, counterparts: readonly string[]): Promise<void> {
  const subjects = counterparts.map((other) => `cross.${gate.nation}.${other}.>`);
  if (subjects.length === 0) return;
  await gate.cross.ensureStream({ name: 'CROSS', subjects, ...commonOf(gate) });
  await gate.cross.ensureConsumer('CROSS', { durable: 'gate' });
}

function ownNation(gate: GateDeps) {
  const nation = gate.directory().nations.get(gate.nation);
  if (!nation)
    throw new Error(`the directory has no valid part for ${gate.nation}; this gate cannot work without it`);
  return nation;
}
