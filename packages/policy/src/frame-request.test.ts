import { describe, expect, it } from 'vitest';
import { crossing } from './fixture/test-kit.js';
import { frameRequest } from './frame-request.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';

const { tables } = loadPack(packsDir, 'DE');
const dated = { from: '2020-01-01', to: null, source: 'test', verified: false };
const over = { ...dated, to: '2026-11-22' };
const asked = crossing('police.de', 'isp.fr', { action: 'preserve', instrument: 'mla-request' as never });
const context = (changes: object) =>
  frameRequest({ tables: { ...tables, ...changes } } as never, asked).context as Record<string, unknown>;

describe('what the tables say of a request', () => {
  it('is a list offence where any row in force names the category', () => {
    const listed = (...rows: object[]) => context({ 'list-offences': rows }).listOffence;
    expect(listed({ ...dated, categories: ['fraud'] }, { ...dated, categories: ['csam'] })).toBe(true);
    expect(listed({ ...dated, categories: ['fraud'] })).toBe(false);
    expect(listed({ ...over, categories: ['csam'] })).toBe(false);
    expect(listed()).toBe(false);
  });

  it('is under the derogation where any row is in force', () => {
    expect(context({ 'csam-derogation': [over, dated] }).csamDerogation).toBe(true);
    expect(context({ 'csam-derogation': [over] }).csamDerogation).toBe(false);
    expect(context({ 'csam-derogation': [] }).csamDerogation).toBe(false);
  });

  it('names each who may validate once, and nobody where one row needs nobody', () => {
    const row = {
      ...{ ...dated, nation: 'DE', role: 'police', instrument: 'mla-request', categories: ['csam'] },
      ...{ actions: ['preserve'], data: [], crossBorder: true },
    };
    const validators = (...by: (string | null)[]) =>
      context({ competence: by.map((validatedBy) => ({ ...row, validatedBy })) }).validators as unknown[];
    expect(validators('court', 'court')).toHaveLength(1);
    expect(validators('court', 'prosecutor')).toHaveLength(2);
    expect(validators('court', null)).toEqual([]);
  });

  it('finds a deadline missing, or false, by its name and by its minutes', () => {
    const notice = crossing('hotline.de', 'isp.fr');
    const [own, ...others] = notice.facts.clocks;
    expect([own, others.length]).toEqual([{ clock: expect.any(String), minutes: expect.any(Number) }, 2]);
    const asFound = (clocks: readonly object[]) => {
      const stated = { ...notice, facts: { ...notice.facts, clocks } } as never;
      const { clocksMissing, clocksFalse } = frameRequest({ tables }, stated).context;
      return [clocksMissing, clocksFalse];
    };
    expect(asFound(notice.facts.clocks)).toEqual([false, false]);
    expect(asFound(others)).toEqual([true, false]);
    expect(asFound([...notice.facts.clocks, { clock: 'removal', minutes: own?.minutes }])).toEqual([
      false,
      true,
    ]);
    expect(asFound([{ ...own, minutes: 1 }, ...others])).toEqual([true, true]);
    expect(asFound([])).toEqual([true, false]);
  });

  it('has no approvals where nobody has approved', () => {
    expect(context({})).toMatchObject({ approvals: [], originApprovals: [] });
  });
});
