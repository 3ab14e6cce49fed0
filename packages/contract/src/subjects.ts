import type { MemberId } from './ids.js';

const EMERGENCIES = 'edge.emergency.';

/** NATS subjects of DESIGN §2. A member's token is its id with `.` written `_`: a durable name cannot hold a dot. */
export const subjects = Object.freeze({
  out: (member: MemberId) => `edge.out.${memberToken(member)}`,
  /** Ahead of what waits on `out`, for what declares an emergency under its seal. */
  emergency: (member: MemberId) => `${EMERGENCIES}${memberToken(member)}`,
  in: (member: MemberId) => `edge.in.${memberToken(member)}`,
  preflight: (member: MemberId) => `gate.preflight.${memberToken(member)}`,
  append: 'ledger.append',
});

/** Whether it was handed in ahead of the others. */
export function isForEmergencies(subject: string): boolean {
  return subject.startsWith(EMERGENCIES);
}

export function memberToken(member: string): string {
  return member.replaceAll('.', '_');
}

/** The interconnect sees from which nation to which and by which member, no more. */
export function crossSubject(to: string, from: string, member: string): string {
  return `cross.${to}.${from}.${memberToken(member)}`;
}
