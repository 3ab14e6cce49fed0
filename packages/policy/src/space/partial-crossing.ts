import type { Crossing } from '../crossing.js';
import { dependsOn, type Name, type PartialRequest, Unknown } from './partial-request.js';

/**
 * A crossing of which only what is known can be read.
 * @param whole one of those that the request may become
 * @returns what throws Unknown where it is asked for more
 */
export function partialCrossing(whole: Crossing, request: PartialRequest): Crossing {
  const guard = <T extends object>(object: T, on: (field: string) => readonly Name[]): T =>
    new Proxy(object, {
      get: (target, field) => {
        for (const name of on(String(field))) if (request.known[name] === undefined) throw new Unknown(name);
        return target[field as keyof T];
      },
    });
  const ofParty = (role: Name) => (field: string) =>
    (({ nation: ['nations'], role: [role], types: [role, 'unheld'] })[field] as Name[]) ?? [];
  return guard(
    {
      ...whole,
      from: guard(whole.from, ofParty('sender')),
      to: guard(whole.to, ofParty('recipient')),
      facts: guard(whole.facts, (field) => dependsOn(`facts.${field}`)),
    },
    (field) =>
      field === 'approvals' ? ['approvals', 'origin', 'nations'] : field === 'stage' ? ['nations'] : [],
  );
}
