import { createParts, type Delivery, type HandleParts, type Outcome } from '@entente/bus';
import {
  isForEmergencies,
  LIMITS,
  memberOfToken,
  Rejection,
  tokenIn,
  unpackBatch,
  wire,
} from '@entente/contract';
import { sha256 } from '@entente/seal';
import { deliver } from './act.js';
import { checkHandedInBy } from './authenticate.js';
import type { Hand } from './guard-ways.js';
import { checkEmergency, mayGoAhead } from './known-emergencies.js';
import { openOwn } from './open-own.js';
import { pass } from './pass.js';
import { isFault, kindOfSeal, refusePoison } from './refuse-poison.js';
import { mayResume, resumeHeld } from './resume-held.js';
import type { GateDeps } from './state.js';
import { underLatest } from './under-latest.js';

/**
 * What one of the nation's members hands in on `edge.out.<member>`, or ahead of that on `edge.emergency.<member>`: an envelope, or a
 * batch of them, each for itself.
 */
export async function fromMember(
  gate: GateDeps,
  { subject, data, message, traceparents, redeliveries }: Delivery,
  handleParts: HandleParts = createParts(),
): Promise<Outcome> {
  const hand = { queue: isForEmergencies(subject) ? 'emergency' : 'member' } as const;
  return await tellingRejected(gate, subject, data, () =>
    handleParts(message, unpackBatch(data), (envelope) =>
      tellingRejected(gate, subject, envelope, () =>
        underLatest(gate, redeliveries > 0, () =>
          handInOrSetAside(gate, subject, envelope, { traceparents, hand }),
        ),
      ),
    ),
  );
}

/** @param subject on which it was handed in */
export async function handInAgain(gate: GateDeps, subject: string, envelope: Uint8Array): Promise<Outcome> {
  return await tellingRejected(gate, subject, envelope, () =>
    underLatest(gate, true, () => handIn(gate, subject, envelope)),
  );
}

function handInOrSetAside(
  gate: GateDeps,
  subject: string,
  bytes: Uint8Array,
  beside: Beside,
): Promise<Outcome> {
  const kind = () => kindOfSeal(() => wire.envelope.decode(bytes).seal);
  return gate.setAside(
    { source: tokenIn(subject), subject, bytes, kind },
    () => handIn(gate, subject, bytes, beside),
    () => refuseHandedIn(gate, subject, bytes),
  );
}

interface Beside {
  readonly traceparents?: readonly string[];
  readonly hand?: Hand;
}

async function handIn(
  gate: GateDeps,
  subject: string,
  bytes: Uint8Array,
  beside: Beside = {},
): Promise<Outcome> {
  const { envelope, sealed, stage } = await open(gate, subject, bytes);
  const isAhead = isForEmergencies(subject);
  if (isAhead && !mayGoAhead(gate, sealed)) return 'drop';
  const logged = await pass(gate, { stage, envelope, sealed, proofs: [], isAhead, ...beside });
  if (mayResume(logged)) await resumeHeld(gate, sealed);
  return 'done';
}

/** Until its seal holds it may be anybody's: then nothing is logged, and only the NATS user is told. */
async function refuseHandedIn(gate: GateDeps, subject: string, bytes: Uint8Array): Promise<void> {
  const opened = await open(gate, subject, bytes).catch((error: unknown) => {
    if (!isFault(error)) throw error;
  });
  if (opened) await refusePoison(gate, opened);
  else await tellTheUser(gate, tokenIn(subject), bytes, new Rejection('quarantined'));
}

async function open(gate: GateDeps, subject: string, bytes: Uint8Array) {
  const envelope = readEnvelope(bytes);
  const { sealed, stage } = await openOwn(gate, envelope);
  checkHandedInBy(sealed, subject);
  if (isForEmergencies(subject)) checkEmergency(sealed);
  return { envelope, sealed, stage };
}

async function tellingRejected(
  gate: GateDeps,
  subject: string,
  data: Uint8Array,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    gate.meter.dropped('member', error.code);
    await tellTheUser(gate, tokenIn(subject), data, error);
    return 'drop';
  }
}

function readEnvelope(data: Uint8Array): wire.EnvelopeFrame {
  if (data.length > LIMITS.envelope) throw new Rejection('too-large');
  return wire.envelope.decode(data);
}

/**
 * Refused before anyone's name could be believed, or on a way that it may not take: only the NATS user who handed it in is told,
 * and the log, and both not too often; the meter counts each.
 */
async function tellTheUser(
  gate: GateDeps,
  token: string,
  data: Uint8Array,
  { code, message }: Rejection,
): Promise<void> {
  const member = memberOfToken(token);
  if (!member || !gate.mayNotify(token)) return;
  gate.logger.warn({ member, code, detail: message, bytes: data.length }, 'refused, and not on record');
  await deliver(gate, member, { notice: { code, envelopeSha256: sha256(data) } });
}
