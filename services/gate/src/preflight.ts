import { checkFacts, memberToken, nationOf, Rejection, type Stage, tokenIn, wire } from '@entente/contract';
import { type Crossing, decideCached, findClocks, type Pack } from '@entente/policy';
import { partyOf } from './judge.js';
import type { GateDeps } from './state.js';
import { askUnderLatest } from './under-latest.js';

/**
 * What both nations' packs would say, before anything is sealed: `gate.preflight.<member>`. Nothing is logged, and nothing is
 * promised: the packs may change, and a counterpart's pack is known here as a copy.
 */
export async function preflight(gate: GateDeps, bytes: Uint8Array, subject: string): Promise<Uint8Array> {
  gate.clock.check();
  try {
    const request = wire.preflightRequest.decode(bytes);
    if (memberToken(request.from) !== tokenIn(subject)) throw new Rejection('sender-mismatch');
    const verdicts = await askUnderLatest(gate, () => verdictsOf(gate, request));
    return wire.preflightReply.encode({ verdicts });
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return wire.preflightReply.encode({ refusal: error.code });
  }
}

function verdictsOf(gate: GateDeps, request: wire.PreflightRequestFrame) {
  const nowMs = gate.now();
  const directory = gate.directory();
  const facts = checkFacts(request.facts);
  const from = partyOf(directory.member(request.from, nowMs), request.fromRole);
  const to = partyOf(directory.member(request.to, nowMs), request.toRole);
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return stagesOf(gate, nationOf(request.to)).map(({ nation, stage, pack }) => {
    const crossing = { nation, stage, from, to, facts, day };
    const { decision, rules, reason, obligations, remedies, awaits, holdMinutes } = decideCached(
      pack,
      crossing,
    );
    const hold = { awaits: awaits ?? [], holdMinutes: holdMinutes ?? 0 };
    const verdict = { decision, rules, reason, obligations, remedies, ...hold };
    return { nation, stage, verdict, clocks: clocksOf(pack, crossing) };
  });
}

function clocksOf(pack: Pack, crossing: Crossing) {
  return findClocks(pack.tables, crossing).map(
    ({ clock, minutes, kind, starts, ends, extendedBy, source }) => ({
      ...{ clock, minutes, kind, starts, ends },
      extendedBy: extendedBy ?? '',
      basis: source,
    }),
  );
}

function stagesOf(gate: GateDeps, to: string): { nation: string; stage: Stage; pack: Pack }[] {
  const { pack } = gate.packs.own();
  if (to === gate.nation) return [{ nation: to, stage: 'inside', pack }];
  const foreign = gate.packs.foreign(to);
  return [
    { nation: gate.nation, stage: 'leave', pack },
    ...(foreign ? [{ nation: to, stage: 'enter' as const, pack: foreign }] : []),
  ];
}
