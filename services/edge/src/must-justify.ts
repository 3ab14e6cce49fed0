import { nationOf, type Role, SYSTEM } from '@entente/contract';
import type { Person } from './log-access.js';
import type { Edge } from './state.js';

/** Who acts under Directive (EU) 2016/680 (LED). Regulators, hotlines and providers act under the GDPR, which asks for no such log. */
const LED_ROLES: readonly Role[] = ['police', 'prosecutor', 'court', 'ministry'];

/**
 * Whether it has to be said why: of whatever an authority consults or discloses, its log gives the justification (LED Art. 25(1)). A program that
 * acts by itself has none; who leaves out the name is not let off the reason. By the directory as this edge has it, also after its time.
 */
export function mustJustify(edge: Edge, { actor }: Pick<Person, 'actor'>): boolean {
  const { roles = [] } = edge.directory().nations.get(nationOf(edge.member))?.members.get(edge.member) ?? {};
  return actor !== SYSTEM && roles.some((role) => (LED_ROLES as readonly string[]).includes(role));
}

/** Words that somebody can read: spaces and what nobody sees are no reason. */
export function saysWhy({ justification }: Pick<Person, 'justification'>): boolean {
  return /[\p{L}\p{N}]/u.test(justification);
}
