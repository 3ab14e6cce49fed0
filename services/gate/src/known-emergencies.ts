import { Rejection, wire } from '@entente/contract';
import { hasContent, type Sealed } from '@entente/seal';
import { perGate } from './per-gate.js';
import { rememberHashes } from './remember-hashes.js';

/** Emergencies that passed here, or that are held: evidence and releases of them go ahead as well. */
const known = perGate((_: object) => rememberHashes());

/** Of a message that the rules let pass, or hold. */
export function rememberEmergency(
  gate: object,
  { header, messageHash }: Pick<Sealed, 'header' | 'messageHash'>,
) {
  if (isEmergency(header)) known(gate).add(messageHash);
}

/**
 * What goes ahead of the others says under its seal that it may; its recipient compares that with the content. Not logged: on the
 * ordinary way the same message may pass.
 * @throws Rejection `not-an-emergency`
 */
export function checkEmergency({ header }: Pick<Sealed, 'header'>): void {
  if (!isEmergency(header) && !SAID_OF_ONE.includes(header.kind)) throw new Rejection('not-an-emergency');
}

const SAID_OF_ONE: readonly wire.HeaderFrame['kind'][] = [wire.Kind.KIND_EVIDENCE, wire.Kind.KIND_APPROVAL];

/**
 * Evidence and approvals declare nothing, so that this gate goes by what it knows of the messages that they are about. Of the others it
 * takes nothing ahead: an edge sends each the ordinary way as well, as a gate that was started since knows of none.
 */
export function mayGoAhead(gate: object, { header }: Pick<Sealed, 'header'>): boolean {
  if (hasContent(header)) return isEmergency(header);
  const { about = [] } = header.statement ?? {};
  return about.length > 0 && about.every(({ messageHash }) => known(gate).has(messageHash));
}

/** By what it declares under its seal. */
export function isEmergency(header: wire.HeaderFrame): boolean {
  return hasContent(header) && header.facts?.urgency === 'emergency';
}
