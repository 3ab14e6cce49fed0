import { AuditError } from '@entente/audit';
import { BusError } from '@entente/bus';
import { Rejection } from '@entente/contract';
import { NotNow } from '@entente/runtime';
import { expect, it } from 'vitest';
import { LedgerRefusal } from './ledger-client.js';
import { isFault, kindOfSeal } from './refuse-poison.js';

it.each([
  ['what was refused', new Rejection('expired'), false],
  ['a server that does not answer', new BusError('timeout', ''), false],
  ['what the ledger refuses', new LedgerRefusal('erased', ''), false],
  ['a proof that does not hold', new AuditError('checkpoint-missing', ''), false],
  ['what cannot be done now', new NotNow(''), false],
  ['a disk that is full', Object.assign(new Error(''), { code: 'ENOSPC' }), false],
  ['a mistake of ours', new TypeError(''), true],
  ['a row that the database refuses', Object.assign(new Error(''), { code: 'SQLITE_TOOBIG' }), true],
])('%s is the fault of a message: %s', (_what, error, expected) => {
  expect(isFault(error)).toBe(expected);
});

it('has a kind of its own for what cannot be read', () => {
  expect(
    kindOfSeal(() => {
      throw new Error('no envelope');
    }),
  ).toBe('unreadable');
});
