import type { Facts } from '@entente/contract';
import type { Approver, Crossing, Party } from '../crossing.js';
import { findClocks, isInForce, isListed } from '../find-standing.js';
import { originOf } from '../frame-request.js';
import type { Pack } from '../pack.js';
import type { Choices } from './dimensions.js';

/** The request that such choices make. Each part reads the choices that it is made of, and only when it is read itself. */
export function crossingOf(pack: Pack, day: string, choices: Choices): Crossing {
  const crossing: Crossing = {
    nation: pack.nation,
    day,
    from: partyOf(pack, day, choices, 0),
    to: partyOf(pack, day, choices, 1),
    get stage() {
      const [from, to] = choices.nations;
      return from === to ? 'inside' : from === pack.nation ? 'leave' : 'enter';
    },
    get facts(): Facts {
      return facts;
    },
    get approvals() {
      return choices.approvals.map(({ role, atOrigin }) => ({
        role,
        get nation() {
          return atOrigin ? originOf(crossing) : pack.nation;
        },
      }));
    },
  };
  const facts = factsOf(pack, crossing, choices);
  return crossing;
}

function senderOf({ tables }: Pack, day: string, choices: Choices): string {
  if (!choices.flagger) return 'a';
  const row = tables['trusted-flaggers'].find(
    ({ nation, ...dated }) => nation === choices.nations[0] && isInForce(dated, day),
  );
  return row?.member ?? 'a';
}

function partyOf(pack: Pack, day: string, choices: Choices, side: 0 | 1): Party {
  return {
    get id() {
      return side === 0 ? senderOf(pack, day, choices) : 'b';
    },
    get nation() {
      return choices.nations[side];
    },
    get role() {
      return choices.roles[side] as Approver['role'];
    },
    get types() {
      const held = choices.unheld !== (side === 0 ? 'sender' : 'recipient');
      const own = pack.tables.roles.find((row) => row.role === choices.roles[side])?.types ?? [];
      const others = (pack.words.get('MemberType') ?? []) as Party['types'];
      return held ? own.slice(0, 1) : others.filter((type) => !own.includes(type)).slice(0, 1);
    },
  };
}

function factsOf(pack: Pack, crossing: Crossing, choices: Choices): Facts {
  const { tables } = pack;
  const stated = Object.keys(choices).filter((name) => !NO_FACTS.includes(name)) as (keyof Choices)[];
  const facts = {
    get force() {
      return choices.demand.force;
    },
    get instrument() {
      return choices.demand.instrument;
    },
    get origin() {
      return choices.origin === 'own'
        ? ''
        : thirdNation(pack, choices.nations, crossing.day, choices.origin === 'listed');
    },
    get clocks() {
      if (choices.clocks === 'none') return [];
      const set = findClocks(tables, crossing).map(({ clock, minutes }) => ({ clock, minutes }));
      return choices.clocks === 'as set' ? set : [...set, { clock: 'answer', minutes: 1 }];
    },
  };
  for (const name of stated)
    Object.defineProperty(facts, name, { enumerable: true, get: () => choices[name] });
  return facts as unknown as Facts;
}

/** Choices that are no facts, or from which facts are made. */
const NO_FACTS: readonly string[] = [
  'approvals',
  'clocks',
  'demand',
  'flagger',
  'nations',
  'origin',
  'roles',
  'unheld',
] satisfies (keyof Choices)[];

function thirdNation({ tables }: Pack, nations: readonly string[], day: string, listed: boolean): string {
  const isThird = (nation: string) =>
    !nations.includes(nation) && isListed(tables.led, nation, day) === listed;
  const row = tables.led.find(({ nation }) => isThird(nation));
  return row?.nation ?? ['XX', 'YY'].find(isThird) ?? '';
}
