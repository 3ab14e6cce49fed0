import { Rejection, type wire } from '@entente/contract';
import type { Directory } from './directory.js';

/**
 * Who may look into what was sent: an auditor, in that role, of the nation of the edge that opens. No pack can widen it, and no auditor of
 * another nation can ask. Asked by the gate and again by the edge, which trusts no gate.
 * @throws Rejection `inspect-not-allowed`, `recipient-unknown`
 */
export function checkInspector(
  directory: Directory,
  { from, fromRole, to, toRole, statement }: wire.HeaderFrame,
  nowMs: number,
): void {
  const isAsked = statement?.inspection === 'asked';
  const [auditor, role] = isAsked ? [from, fromRole] : [to, toRole];
  const { types, roles, nation } = directory.member(auditor, nowMs);
  const other = directory.member(isAsked ? to : from, nowMs);
  const isAuditor = role === 'auditor' && roles.includes('auditor') && types.includes('auditor');
  if (!isAuditor || nation !== other.nation || auditor === other.id)
    throw new Rejection('inspect-not-allowed');
}
