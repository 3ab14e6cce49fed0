import { expect, it } from 'vitest';
import { EdgeRefusal } from '../network/ask-edge.js';
import { UsageError } from '../usage.js';
import { keyOf, namingKey } from './message-key.js';

it('is the same for the same that is said, and another for anything else', () => {
  const said = ['hotline.de', 'isp.fr', { category: 'csam' }];
  const key = keyOf({}, said);
  expect(keyOf({}, structuredClone(said))).toBe(key);
  for (const other of [
    ['hotline.nl', 'isp.fr', said[2]],
    ['hotline.de', 'isp.nl', said[2]],
    said.slice(0, 2),
  ])
    expect(keyOf({}, other)).not.toBe(key);
  expect(key.length).toBeLessThanOrEqual(200);
});

it('is the word that was said, if a header carries it', () => {
  expect(keyOf({ key: 'again-2' }, [])).toBe('again-2');
  for (const key of ['', 'a b', 'a\nb', '–', 'k'.repeat(201)])
    expect(() => keyOf({ key }, [])).toThrow(UsageError);
});

it('that something else has is answered with the option for another, and no other refusal is', () => {
  const refuse = (code: string) => () => namingKey(new EdgeRefusal(409, code, 'It was used.'));
  expect(refuse('idempotency-conflict')).toThrow(/^It was used\. .*--key/);
  expect(refuse('not-possible')).toThrow(/^It was used\.$/);
});
