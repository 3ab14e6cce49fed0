import { expect, it } from 'vitest';
import { decide } from './decide.js';
import { statefulIsAuthorized } from './engine.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing } from './fixture/test-kit.js';
import { frameRequest } from './frame-request.js';
import { keepParsed } from './keep-parsed.js';
import type { Pack } from './pack.js';
import { questionFor } from './rule-sets.js';

it('lets go of the set that was not asked about for the longest time, and parses it again when it is', () => {
  const pack = packs.get('DE') as Pack;
  const asked = crossing('hotline.fr', 'isp.de', {}, { at: 'DE' });
  const before = decide(pack, asked);
  expect(before.decision).toBe('permit');
  const request = frameRequest(pack, asked);
  const set = pack.rulesFor(request.action.id);
  const byEngine = () => {
    const question = { ...questionFor(set, request), preparsedPolicySetId: set.name, validateRequest: false };
    const answer = statefulIsAuthorized(question);
    return answer.type === 'success' && answer.response.decision;
  };
  const others = (count: number) => {
    for (let i = 0; i < count; i++) keepParsed(`other ${i}`, () => ({}));
  };
  others(1023);
  expect(byEngine()).toBe('allow');
  others(1024);
  expect(byEngine()).toBe('deny');
  expect(decide(pack, asked)).toEqual(before);
});
