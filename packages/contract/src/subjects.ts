import { isMemberId, type MemberId } from './ids.js';

const EMERGENCIES = 'edge.emergency.';
const EMERGENCIES_ACROSS = 'cross-emergency.';

/** NATS subjects of DESIGN §2. A member's token is its id with `.` written `_`: a durable name cannot hold a dot. */
export const subjects = Object.freeze({
  out: (member: MemberId) => `edge.out.${memberToken(member)}`,
  /** Ahead of what waits on `out`, for what declares an emergency under its seal. */
  emergency: (member: MemberId) => `${EMERGENCIES}${memberToken(member)}`,
  in: (member: MemberId) => `edge.in.${memberToken(member)}`,
  /** Ahead of what waits on `in`. */
  inEmergency: (member: MemberId) => `edge.in-emergency.${memberToken(member)}`,
  preflight: (member: MemberId) => `gate.preflight.${memberToken(member)}`,
  append: 'ledger.append',
});

/** Whether it came ahead of the others, from a member or from another nation. */
export function isForEmergencies(subject: string): boolean {
  return subject.startsWith(EMERGENCIES) || subject.startsWith(EMERGENCIES_ACROSS);
}

export function memberToken(member: string): string {
  return member.replaceAll('.', '_');
}

/** The token that a subject ends with, of the NATS user who alone may publish there. */
export function tokenIn(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/** @returns undefined for what is no member's token */
export function memberOfToken(token: string): MemberId | undefined {
  const member = token.replace(/_([a-z]{2})$/, '.$1');
  return isMemberId(member) ? member : undefined;
}

/** The interconnect sees from which nation to which and by which member, no more. */
export function crossSubject(to: string, from: string, member: string): string {
  return `cross.${to}.${from}.${memberToken(member)}`;
}

/** Ahead of what waits on that: one for all members of a nation, so that what may wait of it is bounded. */
export function crossEmergencySubject(to: string, from: string): string {
  return `${EMERGENCIES_ACROSS}${to}.${from}`;
}
