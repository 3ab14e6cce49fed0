import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseContent, Rejection } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../usage.js';
import { sayOptions, updateBody } from './update-body.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-update-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function file(content: object): string {
  const path = join(dir, 'more.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const USUAL = {
  ...{ category: 'csam', action: 'inform', force: 'voluntary', purpose: 'removal', handling: 'TLP:AMBER' },
  ...{ urgency: 'routine', retention_days: 30, legal_basis: ['gdpr-6-1-c'] },
};

function parsed(body: object) {
  return parseContent(Buffer.from(JSON.stringify({ ...USUAL, ...body })));
}

function refusal(body: object): string {
  try {
    parsed(body);
  } catch (error) {
    if (error instanceof Rejection) return error.message;
  }
  throw new Error('it was not refused');
}

describe('what an update says', () => {
  it('has of an item what the options say, and what the file adds', () => {
    const block = { layer: 'dns', scope_applied: 'domain', review_on: '2026-12-01' };
    const more = {
      items: [
        { id: 'i1', outcome: { block } },
        { id: 'i3', outcome: { result: 'kept' } },
      ],
    };
    const body = updateBody('outcome', { item: ['i1=blocked', 'i2=removed'], with: file(more) });
    expect(body).toMatchObject({
      items: [
        { id: 'i1', outcome: { result: 'blocked', at: expect.any(String), block } },
        { id: 'i2', outcome: { result: 'removed' } },
        { id: 'i3', outcome: { result: 'kept' } },
      ],
    });
  });

  it('dates what was done or seen as it is told to', () => {
    const at = '2026-11-24T12:00:00Z';
    const done = updateBody('outcome', { item: ['i1=removed'], at });
    expect(done).toMatchObject({ items: [{ outcome: { at } }] });
    const seen = updateBody('check', { item: ['i1=gone'], fromCountry: 'DE', at });
    expect(seen).toMatchObject({ items: [{ check: { at } }] });
  });

  it('says that the user was told', () => {
    const body = updateBody('outcome', { item: ['i1=removed'], userTold: 'told' });
    expect(parsed(body).items?.[0]).toMatchObject({
      outcome: { result: 'removed', user: { state: 'told' } },
    });
  });

  it.each([
    ['moved', { movedTo: 'AS64511', movedToCountry: 'NL' }, { moved_to: 'AS64511', moved_to_country: 'NL' }],
    ['passed-on', { passedTo: 'Reseller GmbH' }, { passed_to: 'Reseller GmbH' }],
    ['duplicate', { duplicateOf: 'AB-4711' }, { duplicate_of: 'AB-4711' }],
  ])('says of what is %s where it is, and of nothing else', (result, options, where) => {
    const body = updateBody('outcome', { item: [`i1=${result}`, 'i2=removed'], ...options });
    const at = expect.any(String);
    expect(parsed(body).items).toEqual([
      { id: 'i1', outcome: { result, at, ...where } },
      { id: 'i2', outcome: { result: 'removed', at } },
    ]);
  });

  it.each([
    ['an update that there is not', 'agree', { item: [] }, /"agree" is no update: accept, /],
    ['a look from nowhere', 'check', { item: ['i1=gone'] }, /--from-country DE/],
    ['a look from a name', 'check', { item: ['i1=gone'], fromCountry: 'Germany' }, /--from-country DE/],
  ])('is not %s', (_, word, options, words) => {
    expect(() => updateBody(word, options)).toThrow(UsageError);
    expect(() => updateBody(word, options)).toThrow(words);
  });

  it.each([
    ['no file', 'nowhere.json', /^There is no file .*nowhere\.json/],
    ['items without ids', 'more.json', /"items" is a list of objects/],
  ])('is not read from %s', (_, name, words) => {
    file({ items: [{ outcome: {} }] });
    expect(() => updateBody('outcome', { item: [], with: join(dir, name) })).toThrow(words);
  });
});

describe('the option for what is missing is named', () => {
  it.each([
    ['reject', { ground: 'lawful' }, '--text'],
    ['reject', { text: 'No.' }, '--ground (lawful'],
    ['recall', {}, 'say "recall_ground" with --ground ('],
    ['outcome', {}, '--item'],
    ['review', {}, '--clock ('],
    ['forward', {}, '"entente forward"'],
    ['escalate', {}, '"escalated_to"'],
  ])('of %s', (word, said, option) => {
    expect(sayOptions(refusal({ update: word, ...said }))).toContain(option);
  });

  it('of a block', () => {
    const body = updateBody('outcome', { item: ['i1=blocked'] });
    expect(sayOptions(refusal(body))).toMatch(/--with FILE, and in it .*"block".*layers: proxy, dns/);
  });

  it.each([
    ['moved', '--moved-to; say "moved_to_country" with --moved-to-country'],
    ['passed-on', '--passed-to'],
    ['duplicate', '--duplicate-of'],
  ])('of what is %s', (result, option) => {
    expect(sayOptions(refusal(updateBody('outcome', { item: [`i1=${result}`] })))).toContain(option);
  });

  it('and nothing where nothing is missing', () => {
    expect(sayOptions('/urgency must be one of routine, urgent')).toBe('');
  });
});
