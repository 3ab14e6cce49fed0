import { nationOf, Rejection, type Role, rejectionWords, type Stage, type wire } from '@entente/contract';
import type { Directory, Member } from '@entente/members';
import { decide, type Pack, type Party } from '@entente/policy';
import { checkHeader, type Sealed } from '@entente/seal';
import type { GateDeps } from './state.js';

/** What a gate makes of a message, before it is logged. */
export interface Judged {
  readonly event: 'crossing' | 'evidence' | 'rejection';
  readonly verdict: Parameters<typeof wire.record.encode>[0]['verdict'];
  readonly pack: Pack;
  readonly directory: Directory;
  readonly alarm: boolean;
}

/**
 * Decides over an authenticated message. What the sender did wrong becomes a refusal with its code, so that it is logged
 * and answered like any other; what is our own fault is thrown, and the message is tried again.
 */
export function judge(gate: GateDeps, sealed: Sealed, stage: Stage): Judged {
  const view = { pack: gate.pack, directory: gate.directory() };
  try {
    return { ...decideOver(gate, view, sealed, stage), ...view };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const verdict = { decision: 'refuse', code: error.code, reason: reasonOf(error) };
    return { event: 'rejection', verdict, alarm: false, ...view };
  }
}

function decideOver(gate: GateDeps, view: Pick<Judged, 'pack' | 'directory'>, sealed: Sealed, stage: Stage) {
  const { header } = sealed;
  const nowMs = gate.now();
  const facts = checkHeader(sealed, { profile: gate.profile, nowMs });
  checkWay(gate, view.directory, header, stage, nowMs);
  const from = partyOf(view.directory.member(header.from, nowMs), header.fromRole);
  const to = partyOf(view.directory.member(header.to, nowMs), header.toRole);
  // Evidence passes without Cedar: a rule must not be able to hide that a message arrived.
  if (facts === null) return { event: 'evidence' as const, verdict: { decision: 'permit' }, alarm: false };
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const { decision, rules, reason, obligations, alarm, errors } = decide(view.pack, {
    nation: gate.nation,
    stage,
    from,
    to,
    facts,
    day,
  });
  if (alarm)
    gate.logger.error({ id: header.id, errors }, 'ALARM: the pack failed on this message; it is refused');
  return {
    event: 'crossing' as const,
    verdict: { decision, rules, reason, obligations },
    alarm: alarm === true,
  };
}

/** @throws Rejection `not-for-this-nation`, `no-counterpart` */
function checkWay(
  gate: GateDeps,
  directory: Directory,
  header: wire.HeaderFrame,
  stage: Stage,
  nowMs: number,
): void {
  const [from, to] = [nationOf(header.from), nationOf(header.to)];
  const own = stage === 'enter' ? to : from;
  if (own !== gate.nation || (stage === 'inside') !== (from === to))
    throw new Rejection('not-for-this-nation');
  if (from !== to && !directory.areCounterparts(from, to, nowMs)) throw new Rejection('no-counterpart');
}

/** @throws Rejection `role-not-held` */
export function partyOf(member: Member, role: string): Party {
  if (!(member.roles as readonly string[]).includes(role)) {
    throw new Rejection(
      'role-not-held',
      `${member.id} does not act as "${role.slice(0, 20)}"; it acts as ${member.roles.join(', ')}`,
    );
  }
  return { id: member.id, nation: member.nation, types: member.types, role: role as Role };
}

function reasonOf(error: Rejection): string {
  const words = rejectionWords(error.code);
  return error.message === words ? words : `${words} (${error.message})`;
}
