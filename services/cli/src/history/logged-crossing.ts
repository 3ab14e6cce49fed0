import { checkFacts, type MemberType, nationOf, type Role, type Stage, type wire } from '@entente/contract';
import type { Approver, Crossing } from '@entente/policy';
import { readUnverifiedHeader } from '@entente/seal';

/**
 * The question that a gate put to its rules, taken from its log alone. The seal's signature is not checked here.
 * @param header of the record's seal, where it is read already
 * @throws Rejection, Error if the record does not hold a question
 */
export function crossingOf(
  record: wire.RecordFrame,
  header: wire.HeaderFrame = readUnverifiedHeader(record.seal),
): Crossing {
  const { input, nation, stage, decidedAtMs } = record;
  if (!input) throw new Error('the record does not say what the rules were asked');
  const { from, fromRole, to, toRole, facts } = header;
  const party = (id: string, role: string, types: readonly string[]) => ({
    id,
    nation: nationOf(id),
    role: role as Role,
    types: types as readonly MemberType[],
  });
  return {
    nation,
    stage: stage as Stage,
    from: party(from, fromRole, input.fromTypes),
    to: party(to, toRole, input.toTypes),
    facts: checkFacts(facts),
    day: new Date(decidedAtMs).toISOString().slice(0, 10),
    approvals: input.approvals as readonly Approver[],
  };
}
