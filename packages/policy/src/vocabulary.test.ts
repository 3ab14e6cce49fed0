import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaToJson } from './engine.js';
import { facts } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';
import { TREATIES } from './table-shapes.js';

// The schema repeats the closed lists of the contract, so it is compared with them.
const vocabulary = JSON.parse(
  readFileSync(new URL('../../../proto/schemas/vocabulary.json', import.meta.url), 'utf8'),
).$defs as Record<string, { enum: string[] }>;
const parsed = schemaToJson(readFileSync(join(packsDir, 'schema.cedarschema'), 'utf8'));
if (parsed.type === 'failure') throw new Error('schema does not parse');
const schema = parsed.json[''] ?? { entityTypes: {}, actions: {}, commonTypes: {} };

const LISTS = {
  Category: 'category',
  Force: 'force',
  Purpose: 'purpose',
  LegalBasis: 'legal-basis',
  DataClass: 'data-class',
  Subject: 'subject',
  Handling: 'handling',
  Urgency: 'urgency',
  Scope: 'scope',
  Stage: 'stage',
  MemberType: 'member-type',
  Role: 'role',
  DataSought: 'data-sought',
  HandlingCode: 'handling-code',
  Accuracy: 'accuracy',
  Agreement: 'agreement',
  Criminality: 'criminality',
  Clock: 'clock',
} as const;

describe('the schema of the packs', () => {
  it.each(Object.entries(LISTS))('knows the same words as the contract: %s', (type, list) => {
    expect(schema.entityTypes[type]).toMatchObject({ enum: vocabulary[list]?.enum });
  });

  it('knows the same instruments, and "none"', () => {
    expect(schema.entityTypes.Instrument).toMatchObject({
      enum: ['none', ...(vocabulary.instrument?.enum ?? [])],
    });
  });

  it('has an action for each of the contract', () => {
    expect(Object.keys(schema.actions).sort()).toEqual([...(vocabulary.action?.enum ?? [])].sort());
  });

  it('has a treaty for each table of treaties', () => {
    expect(schema.entityTypes.Treaty).toMatchObject({ enum: TREATIES });
  });

  // The action is the request's own; of the origin the context says what the tables know of it; what became of items is for the log.
  it('has a type for each fact but the action, the origin and what became of items', () => {
    const typed = (schema.commonTypes?.Facts as { attributes?: object } | undefined)?.attributes ?? {};
    const { action: _, origin: __, update: ___, results: ____, checks: _____, ...rest } = facts();
    expect(Object.keys(typed).sort()).toEqual(Object.keys(rest).sort());
  });

  it('has a row for each role', () => {
    expect(
      loadPack(packsDir, 'DE')
        .tables.roles.map(({ role }) => role)
        .sort(),
    ).toEqual([...(vocabulary.role?.enum ?? [])].sort());
  });
});
