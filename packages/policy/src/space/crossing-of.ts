import type { Facts } from '@entente/contract';
import type { Approver, Crossing, Party } from '../crossing.js';
import { findClocks, isInForce, isListed } from '../find-standing.js';
import { originOf } from '../frame-request.js';
import type { Pack } from '../pack.js';
import type { Choices } from './dimensions.js';

/** The request that such choices make. */
export function crossingOf(pack: Pack, day: string, choices: Choices): Crossing {
  const { nations, roles, unheld, origin } = choices;
  const [from, to] = [
    partyOf(pack, senderOf(pack, day, choices), nations[0], roles[0], unheld !== 'sender'),
    partyOf(pack, 'b', nations[1], roles[1], unheld !== 'recipient'),
  ];
  const stage = nations[0] === nations[1] ? 'inside' : nations[0] === pack.nation ? 'leave' : 'enter';
  const facts = factsOf(
    choices,
    origin === 'own' ? '' : thirdNation(pack, nations, day, origin === 'listed'),
  );
  const bare: Crossing = { nation: pack.nation, stage, from, to, facts, day };
  return {
    ...bare,
    facts: { ...facts, clocks: clocksOf(pack, bare, choices.clocks) },
    approvals: choices.approvals.map(({ role, atOrigin }) => ({
      role,
      nation: atOrigin ? originOf(bare) : pack.nation,
    })),
  };
}

function senderOf({ tables }: Pack, day: string, { flagger, nations }: Choices): string {
  const registered = tables['trusted-flaggers'].find(
    (row) => row.nation === nations[0] && isInForce(row, day),
  );
  return flagger && registered ? registered.member : 'a';
}

function partyOf(pack: Pack, id: string, nation: string, role: string, held: boolean): Party {
  const own = pack.tables.roles.find((row) => row.role === role)?.types ?? [];
  const others = (pack.words.get('MemberType') ?? []) as Party['types'];
  const types = held ? own.slice(0, 1) : others.filter((type) => !own.includes(type)).slice(0, 1);
  return { id, nation, types, role: role as Approver['role'] };
}

function thirdNation(pack: Pack, nations: readonly string[], day: string, listed: boolean): string {
  const all = pack.tables.led.map(({ nation }) => nation);
  const others = [...all, 'XX', 'YY'].filter((nation) => !nations.includes(nation));
  return others.find((nation) => isListed(pack.tables.led, nation, day) === listed) ?? '';
}

function factsOf(choices: Choices, origin: string): Facts {
  const {
    demand,
    nations: _,
    roles: _roles,
    approvals: _approvals,
    unheld: _unheld,
    flagger: _flagger,
    ...rest
  } = choices;
  return { ...rest, ...demand, origin, clocks: [] } as unknown as Facts;
}

function clocksOf(pack: Pack, crossing: Crossing, which: Choices['clocks']): Facts['clocks'] {
  const set = findClocks(pack.tables, crossing).map(({ clock, minutes }) => ({ clock, minutes }));
  if (which === 'none') return [];
  return which === 'as set' ? set : [...set, { clock: 'answer', minutes: 1 }];
}
