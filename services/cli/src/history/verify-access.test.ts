import { createHash } from 'node:crypto';
import { leafHash, merkleRoot } from '@entente/audit';
import { describe, expect, test } from 'vitest';
import { type AccessEntryBytes, verifyAccess } from './verify-access.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const ENTRIES: AccessEntryBytes[] = Array.from({ length: 11 }, (_, index) => ({
  index,
  entry: JSON.stringify({ at_ms: NOW_MS - 60_000, what: 'view', detail: `${index}` }),
  salt: createHash('md5').update(`${index}`).digest(),
}));
const headOf = (entries: readonly AccessEntryBytes[]) => ({
  size: entries.length,
  root: merkleRoot(
    entries.map(({ salt, entry }) => leafHash(createHash('sha256').update(salt).update(entry).digest())),
  ),
});
const anchorAt = (size: number) => ({ ...headOf(ENTRIES.slice(0, size)), atMs: NOW_MS });
const ANCHORS = [anchorAt(3), anchorAt(8)];
/** As whoever can write the whole database would leave it: the head fits whatever the entries are. */
const codes = (entries: readonly AccessEntryBytes[], head = headOf(entries)) =>
  verifyAccess(entries, head, ANCHORS, NOW_MS).findings.map(({ code }) => code);
const changed = (at: number, entry: string) =>
  ENTRIES.map((one) => (one.index === at ? { ...one, entry } : one));
const without = (at: number) => ENTRIES.filter(({ index }) => index !== at);
const renumbered = (entries: readonly AccessEntryBytes[]) => entries.map((one, index) => ({ ...one, index }));

test('a log that is as it went on record holds, and says what did not go there yet', () => {
  expect(verifyAccess(ENTRIES, headOf(ENTRIES), ANCHORS, NOW_MS)).toEqual({
    ...{ size: 11, anchored: 8, anchors: 2, erased: 0, findings: [] },
  });
});

describe('by whoever can write the whole database', () => {
  test.each([
    ['an entry was changed', changed(5, '{}'), ['entry-changed']],
    ['the first entry was changed', changed(0, '{}'), ['entry-changed', 'entry-changed']],
    ['an entry was taken out, and the rest moved up', renumbered(without(4)), ['entry-changed']],
    ['an entry was taken out', without(4), ['entry-missing', 'entry-changed']],
    ['the end was cut off behind an anchor', ENTRIES.slice(0, 7), ['entries-missing']],
    ['all of it was taken away', [], ['entries-missing', 'entries-missing']],
    [
      'two entries were swapped',
      renumbered([...ENTRIES.slice(0, 5), ENTRIES[6], ENTRIES[5], ...ENTRIES.slice(7)].filter((e) => !!e)),
      ['entry-changed'],
    ],
    [
      'an entry was slipped in',
      renumbered([...ENTRIES.slice(0, 5), ENTRIES[0], ...ENTRIES.slice(5)].filter((e) => !!e)),
      ['entry-changed'],
    ],
    [
      'a salt was changed',
      ENTRIES.map((e) => (e.index === 7 ? { ...e, salt: Buffer.alloc(16) } : e)),
      ['entry-changed'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(codes(entries)).toEqual(expected);
  });
});

test('an entry that was changed has no leaf but its own, whatever leaf is handed over with it', () => {
  const { salt, entry } = ENTRIES[5] as AccessEntryBytes;
  const leaf = leafHash(createHash('sha256').update(salt).update(entry).digest());
  const entries = changed(5, '{}').with(5, { index: 5, entry: '{}', salt, leaf });
  expect(codes(entries, headOf(ENTRIES))).toEqual(['entry-changed', 'head-differs']);
});

describe('after the last anchor', () => {
  test('what was changed is found by the sum that the edge keeps', () => {
    expect(codes(changed(9, '{}'), headOf(ENTRIES))).toEqual(['head-differs']);
    expect(codes(ENTRIES.slice(0, 9), headOf(ENTRIES))).toEqual(['head-differs']);
  });

  test('and not if that was changed as well: until then nothing but the edge vouches for them', () => {
    expect(codes(changed(9, '{}'))).toEqual([]);
  });
});

test('anchors that do not belong to one log cannot all be true of it', () => {
  const other = { size: 5, root: Buffer.alloc(32, 1), atMs: NOW_MS };
  const { findings, anchored } = verifyAccess(ENTRIES, headOf(ENTRIES), [...ANCHORS, other], NOW_MS);
  expect(findings.map(({ code }) => code)).toEqual(['entry-changed']);
  expect(anchored).toBe(8);
});

test('a log of which nothing is on record is said to be so, and how it gets there', () => {
  expect(verifyAccess(ENTRIES, headOf(ENTRIES), [], NOW_MS).findings).toEqual([
    { code: 'not-anchored', detail: expect.stringContaining('"entente access anchor"') },
  ]);
});

test('a day that is over and did not go on record is found, an hour after its end', () => {
  const atEndOfDay = (ms: number) => {
    const now = Date.UTC(2026, 10, 25) + ms;
    return verifyAccess(ENTRIES, headOf(ENTRIES), ANCHORS, now).findings.map(({ code }) => code);
  };
  expect(atEndOfDay(60_000)).toEqual([]);
  expect(atEndOfDay(3_600_001)).toEqual(['anchor-missing']);
  const all = verifyAccess(ENTRIES, headOf(ENTRIES), [anchorAt(11)], NOW_MS + 9 * DAY_MS);
  expect(all.findings).toEqual([]);
});

describe('entries whose time was over', () => {
  const YEAR_MS = 365 * DAY_MS;
  const leafOf = ({ salt, entry }: AccessEntryBytes) =>
    leafHash(createHash('sha256').update(salt).update(entry).digest());
  const erased = (from: number, to: number, entries = ENTRIES) =>
    entries.map((one) =>
      from <= one.index && one.index <= to
        ? { index: one.index, entry: '', salt: Buffer.alloc(0), leaf: leafOf(one) }
        : one,
    );
  const says = (accesses: unknown, atMs = NOW_MS): AccessEntryBytes => ({
    ...{ index: ENTRIES.length, salt: Buffer.alloc(16, 1) },
    entry: JSON.stringify({ at_ms: atMs, what: 'erasure', detail: 'time-over', accesses }),
  });
  const treeOf = (entries: readonly AccessEntryBytes[]) => ({
    size: entries.length,
    root: merkleRoot(entries.map((one) => one.leaf ?? leafOf(one))),
  });
  const DATED = [
    { ...anchorAt(3), atMs: NOW_MS - YEAR_MS - DAY_MS },
    { ...anchorAt(8), atMs: NOW_MS - 10 * DAY_MS },
  ];
  const found = (entries: readonly AccessEntryBytes[]) =>
    verifyAccess(entries, treeOf(entries), DATED, NOW_MS).findings.map(({ code }) => code);

  test('are told, and the rest holds by their leaves', () => {
    const entries = [...erased(0, 4), says([[0, 4]])];
    expect(verifyAccess(entries, treeOf(entries), DATED, NOW_MS)).toMatchObject({
      ...{ anchored: 8, erased: 5, findings: [] },
    });
  });

  test.each<[string, readonly AccessEntryBytes[], string[]]>([
    ['of which none says that they went', erased(0, 1), ['erased-without-entry', 'erased-without-entry']],
    ['of which not all are named', [...erased(0, 2), says([[0, 1]])], ['erased-without-entry']],
    ['named by what is no list', [...erased(0, 0), says('all')], ['erased-without-entry']],
    ['that are younger than any edge lets go', [...erased(7, 8), says([[0, 8]])], ['erased-early']],
    [
      'that have another leaf',
      [...erased(1, 1).map((one) => (one.leaf ? { ...one, leaf: Buffer.alloc(32) } : one)), says([[1, 1]])],
      ['entry-changed', 'entry-changed'],
    ],
  ])('are found: %s', (_, entries, expected) => {
    expect(found(entries)).toEqual(expected);
  });
});
