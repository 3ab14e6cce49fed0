import { describe, expect, it } from 'vitest';
import { itemLines } from './item-lines.js';

const AT = '2026-11-28T04:00:00Z';
const I1 = { id: 'i1', results: [] };
const of = (outcome: Parameters<typeof itemLines>[0]['outcome'] & object, asked?: string) =>
  itemLines({ ...I1, outcome }, asked);

describe('an item, at the desk', () => {
  it('is one line while there is nothing more to say of it', () => {
    expect(itemLines(I1, 'host')).toEqual(['  i1: no outcome yet']);
    expect(of({ result: 'refused', at: AT, ground: 'lawful' })).toEqual([`  i1: refused ${AT} (lawful)`]);
  });

  it('that was blocked says how, how wide, how wide was asked, why, until when, and who must not be told', () => {
    const why = 'A resolver sees names, and no paths.';
    const block = {
      ...({ layer: 'dns', scope_applied: 'domain', review_on: '2026-12-24' } as const),
      wider_because: why,
    };
    const user = {
      state: 'forbidden',
      until: '2027-01-01T00:00:00Z',
      forbidden_by: 'court.fr, 12/26',
    } as const;
    expect(of({ result: 'blocked', at: AT, block, user }, 'exact-address')).toEqual([
      `  i1: blocked ${AT}`,
      '    by dns, scope domain (asked: exact-address), to be reviewed on 2026-12-24',
      `    wider because: ${why}`,
      '    user: forbidden by court.fr, 12/26 until 2027-01-01T00:00:00Z',
    ]);
  });

  it.each([
    [{ result: 'moved', moved_to: 'AS64511', moved_to_country: 'NL' }, 'moved to AS64511, NL'],
    [{ result: 'moved', moved_to_country: 'NL' }, 'moved to NL'],
    [{ result: 'passed-on', passed_to: 'Reseller GmbH' }, 'passed to Reseller GmbH'],
    [{ result: 'duplicate', duplicate_of: 'AB-4711' }, 'duplicate of AB-4711'],
    [{ result: 'removed', user: { state: 'told', at: AT } }, `user: told ${AT}`],
    [{ result: 'in-progress', note: 'On Monday.' }, 'note: On Monday.'],
  ] as const)('of %j says so', (outcome, words) => {
    expect(of({ at: AT, ...outcome }).slice(1)).toEqual([`    ${words}`]);
  });

  it('that was corrected has its address in truth, and what was seen there', () => {
    const corrected_to = { url: 'https://img.example.net/a/7Qk2w', ip: '192.0.2.7', how: ['tor', 'open'] };
    const check = { seen: 'moved', at: AT, from_country: 'DE', moved_to_country: 'US' } as const;
    expect(itemLines({ ...I1, corrected_to, check })).toEqual([
      `  i1: no outcome yet; seen again ${AT} from DE: moved to US`,
      '    corrected to https://img.example.net/a/7Qk2w; ip 192.0.2.7; how tor, open',
    ]);
  });
});
