import { type MemberId, nationOf, wire } from '@entente/contract';
import { deliver, type Step, sendAcross } from './act.js';
import { chooseLane } from './choose-lane.js';
import { type GateDeps, type Logged, TIMEOUT_MS } from './state.js';

export const heldSubject = (messageHash: Uint8Array): string =>
  `gate.held.${Buffer.from(messageHash).toString('hex')}`;

/** Keeps a held message as it is, encrypted, and tells those who may release it. Done again with every repeat. */
export async function keepHeld(gate: GateDeps, step: Step, logged: Logged) {
  const { envelope, proofs, sealed } = step;
  await putHeld(gate, sealed.messageHash, wire.passage.encode({ envelope, proofs }));
  await tellApprovers(gate, step, logged);
}

/** Nothing waits any more: its place is made free. */
export async function forgetHeld(gate: GateDeps, messageHash: Uint8Array): Promise<void> {
  await putHeld(gate, messageHash, new Uint8Array());
}

/** A place that is full or lost delays a release until the sender's next repeat, and nothing else. */
async function putHeld(gate: GateDeps, messageHash: Uint8Array, bytes: Uint8Array): Promise<void> {
  try {
    await gate.bus.publish(heldSubject(messageHash), bytes, { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    gate.logger.warn({ err: error }, 'a held message could not be kept here; its sender sends it again');
  }
}

async function tellApprovers(
  gate: GateDeps,
  { sealed: { header, messageHash }, isAhead }: Step,
  { frame, record, leaf }: Logged,
): Promise<void> {
  const { id, from, to } = header;
  const lane = chooseLane(gate, header, leaf.timeMs, isAhead);
  const told = approversOf(gate, record.verdict?.awaits ?? []).filter(
    (member) => ![from, to].includes(member),
  );
  for (const approver of told) {
    const answer = { evidence: 'held', messageId: id, messageHash, to: approver, entry: frame };
    const nation = nationOf(approver);
    if (nation === gate.nation) await deliver(gate, approver as MemberId, { answer }, lane);
    else
      await sendAcross(gate, nation, 'gate', { answer }, { lane }).catch((error: unknown) => {
        // That another nation cannot be reached must not keep the sender from its answer.
        gate.logger.warn(
          { err: error, nation },
          'who may release a message could not be told; tried again with it',
        );
      });
  }
}

/** Those whom a hold awaits, as `court@NL`, by today's directory. */
function approversOf(gate: GateDeps, awaits: readonly string[]): string[] {
  const names = awaits.flatMap((awaited) => {
    const [role = '', nation = ''] = awaited.split('@');
    const members = gate.directory().nations.get(nation)?.part.members ?? [];
    return members
      .filter(({ roles, suspendedAtMs }) => roles.includes(role) && suspendedAtMs === 0)
      .map(({ id }) => id);
  });
  return [...new Set(names)];
}
