import { expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import { decideCached } from './decide-cached.js';
import { packs } from './fixture/shipped-packs.js';
import { crossing, ORDER } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';

const pack = packs.get('NL') ?? loadPack(packsDir, 'NL');
const asked: Crossing = {
  ...crossing('prosecutor.nl', 'isp.nl', { ...ORDER.block, action: 'remove', category: 'fraud' }),
  approvals: [{ role: 'court', nation: 'NL' }],
};

/** Each leaf of a crossing changed a little, one at a time. */
function nearby(value: unknown, rebuild: (changed: unknown) => unknown): unknown[] {
  if (Array.isArray(value)) {
    const shorter = value.length > 0 ? [rebuild(value.slice(1))] : [rebuild(['free-text'])];
    return [
      ...shorter,
      ...value.flatMap((item, index) =>
        nearby(item, (changed) => rebuild(value.map((other, at) => (at === index ? changed : other)))),
      ),
    ];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      nearby(inner, (changed) => rebuild({ ...value, [key]: changed })),
    );
  }
  if (typeof value === 'number') return [rebuild(value + 1)];
  if (typeof value === 'boolean') return [rebuild(!value)];
  return [rebuild(`${value}x`), rebuild('')].filter(
    (one) => JSON.stringify(one) !== JSON.stringify(rebuild(value)),
  );
}

it('answers a crossing that differs in one field by itself, and never as the one that it resembles', () => {
  const kept = decideCached(pack, asked);
  const others = nearby(asked, (changed) => changed) as Crossing[];
  expect(others.length).toBeGreaterThan(50);
  const answers = others.map((other) => decideCached(pack, other));
  expect(answers.filter((answer) => answer === kept)).toEqual([]);
  expect(new Set(answers).size).toBe(answers.length);
  expect(answers).toEqual(others.map((other) => decide(pack, other)));
});

it('answers the same crossing from memory, whatever object it is', () => {
  expect(decideCached(pack, structuredClone(asked))).toBe(decideCached(pack, asked));
});

it('does not let words of one field pass for those of another', () => {
  const classes = (dataClasses: readonly string[], subjects: readonly string[]) =>
    decideCached(pack, { ...asked, facts: { ...asked.facts, dataClasses, subjects } as Crossing['facts'] });
  expect(classes(['free-text', 'victim.image'], [])).not.toBe(classes(['free-text'], ['victim.image']));
  expect(classes(['free-text","x'], [])).not.toBe(classes(['free-text', 'x'], []));
});

it('keeps what it knows of one pack from another', () => {
  const other = packs.get('DE') ?? loadPack(packsDir, 'DE');
  decideCached(pack, asked);
  expect(decideCached(other, asked).alarm).toBe(true);
});

it('forgets the oldest when it is full', () => {
  const first = { ...asked, day: 'first' };
  const kept = decideCached(pack, first);
  expect(decideCached(pack, first)).toBe(kept);
  for (let i = 0; i < 4095; i++) decideCached(pack, { ...asked, day: `no day ${i}` });
  expect(decideCached(pack, first)).toBe(kept);
  decideCached(pack, { ...asked, day: 'one more' });
  expect(decideCached(pack, first)).not.toBe(kept);
});
