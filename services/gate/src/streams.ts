import { HELD_STREAM, inStream } from '@entente/bus';
import { LIMITS, memberToken } from '@entente/contract';
import type { GateDeps } from './state.js';

const DAY_MS = 86_400_000;

/**
 * Makes the streams and consumers, or makes them again after a server lost them: members have no right to. Several gates of one
 * nation may do it at once: making what is there already changes nothing.
 * A message waits here at most as long as it may live; what is lost is sent again by its sender.
 */
export async function ensureStreams(gate: GateDeps): Promise<void> {
  const { replicas } = gate;
  const common = { maxAgeMs: LIMITS.lifetimeMs + DAY_MS, maxMessageBytes: LIMITS.transit + 4096, replicas };
  const { part } = ownNation(gate);
  await gate.bus.ensureStream({ name: 'OUT', subjects: ['edge.out.*'], maxBytes: 2 ** 30, ...common });
  await gate.bus.ensureConsumer('OUT', { durable: 'gate' });
  await gate.bus.ensureStream({
    name: HELD_STREAM,
    subjects: ['gate.held.*'],
    keepsLast: true,
    maxBytes: 2 ** 30,
    ...common,
  });
  for (const { id } of part.members) {
    const token = memberToken(id);
    await gate.bus.ensureStream({
      name: inStream(token),
      subjects: [`edge.in.${token}`],
      maxBytes: 2 ** 30,
      ...common,
    });
    await gate.bus.ensureConsumer(inStream(token), { durable: token });
  }
  // Only agreed counterparts: that list is also the legal truth.
  const subjects = part.counterparts.map((other) => `cross.${gate.nation}.${other}.>`);
  if (subjects.length > 0) {
    await gate.cross.ensureStream({ name: 'CROSS', subjects, maxBytes: 2 ** 30, ...common });
    await gate.cross.ensureConsumer('CROSS', { durable: 'gate' });
  }
}

function ownNation(gate: GateDeps) {
  const nation = gate.directory().nations.get(gate.nation);
  if (!nation)
    throw new Error(`the directory has no valid part for ${gate.nation}; this gate cannot work without it`);
  return nation;
}
