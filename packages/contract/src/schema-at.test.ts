import { expect, test } from 'vitest';
import { schemaAt } from './schema-at.js';

test('what a schema refers to is meant from the file in which it says so', () => {
  const fraud = schemaAt('categories/fraud.json');
  const line = schemaAt('../core.json#/$defs/line', fraud.id);
  expect(line.schema).toMatchObject({ type: 'string' });
  expect(line).toEqual(schemaAt('#/$defs/line', schemaAt('core.json').id));
  expect(() => schemaAt('#/$defs/line', fraud.id)).toThrow(
    'no schema at https://entente.example/schemas/categories/fraud.json#/$defs/line',
  );
});

test.each([
  'other.json',
  'core.json#/$defs/none',
  'core.json#/$defs/none/type',
  'https://elsewhere.example/core.json',
])('nothing stands at %s', (ref) => expect(() => schemaAt(ref)).toThrow('no schema at'));
