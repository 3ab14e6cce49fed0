import { readFileSync } from 'node:fs';
import { ACTOR, type Referral, type Submission } from '@entente/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { keep } from './submit.js';

const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: Submission };
const NAME = 'Maria Müstermann';

let own: TestEdge;
let other: TestEdge;
beforeEach(async () => {
  [own, other] = await Promise.all([testEdge(), testEdge('isp.de')]);
});
afterEach(() => {
  own.close();
  other.close();
});

test('a person has one pseudonym at one member, however the name is written, and it says nothing of it', () => {
  const { actors } = own.edge;
  const pseudonym = actors.pseudonymOf(NAME);
  expect(pseudonym).toMatch(ACTOR);
  expect(actors.pseudonymOf(` ${NAME.normalize('NFD').toUpperCase()}`)).toBe(pseudonym);
  expect(actors.pseudonymOf('Another Person')).not.toBe(pseudonym);
  expect(actors.resolve(pseudonym)).toBe(NAME);
});

test('it is not the pseudonym that the same person has in a case', () => {
  const { actors } = own.edge;
  expect(own.edge.pseudonymise('a'.repeat(32), NAME)).not.toBe(actors.pseudonymOf(NAME));
});

describe('another member', () => {
  test('has another pseudonym for the same person, and resolves only its own', () => {
    const pseudonym = own.edge.actors.pseudonymOf(NAME);
    expect(other.edge.actors.pseudonymOf(NAME)).not.toBe(pseudonym);
    expect(other.edge.actors.resolve(pseudonym)).toBeUndefined();
  });

  test('cannot have its pseudonym used here, nor one that nobody has made', () => {
    const foreign = other.edge.actors.pseudonymOf(NAME);
    for (const actor of [foreign, `pn:${'0'.repeat(32)}`, 'pn:', 'pn:Maria'])
      expect(() => own.edge.actors.pseudonymOf(actor)).toThrow(
        expect.objectContaining({ code: 'content-invalid' }),
      );
  });
});

test('a pseudonym that this edge has made stands for its person', () => {
  const pseudonym = own.edge.actors.pseudonymOf(NAME);
  expect(own.edge.actors.pseudonymOf(pseudonym)).toBe(pseudonym);
});

test('a program says that it is one, and what nobody names is unnamed', () => {
  expect([undefined, 'system', 'unnamed'].map(own.edge.actors.pseudonymOf)).toEqual([
    'unnamed',
    'system',
    'unnamed',
  ]);
});

test('what waits to be sent holds the pseudonym and not the name', () => {
  const content = submission.content as Referral;
  const options = { key: null, createdMs: own.clock.ms };
  const { id } = keep(own.edge, { ...submission, actor: NAME, content }, options);
  const row = own.edge.outbox.find(id);
  expect(row?.submission.actor).toBe(own.edge.actors.pseudonymOf(NAME));
  expect(JSON.stringify(row)).not.toContain('Maria');
});
