import { readFileSync, writeFileSync } from 'node:fs';
import { openToHarm } from '../harm.js';
import type { Row } from './row.js';

/** A change of a ledger's database behind its back: all in one database, each at a place of its own. */
export type DatabaseRow = Row & {
  readonly how: readonly string[];
  /** The entries of which this is found, or words of what is found of no entry. */
  readonly where: readonly number[] | RegExp;
};

const BY = '`entente audit verify`';

export const DATABASE_ROWS = [
  {
    change: "a record changed in the ledger's database",
    ...{ finds: ['record-mismatch'], by: BY, where: [1000] },
    how: ['UPDATE entry SET record = substr(record, 1, length(record) - 1) WHERE idx = 1000'],
  },
  {
    change: 'a salt changed there',
    ...{ finds: ['record-mismatch'], by: BY, where: [1010] },
    how: ['UPDATE entry SET salt = zeroblob(16) WHERE idx = 1010'],
  },
  {
    change: 'two records change places there',
    ...{ finds: ['record-mismatch', 'database-differs'], by: BY, where: [1023, 1024] },
    how: [
      'CREATE TEMP TABLE kept AS SELECT salt, record FROM entry WHERE idx = 1023',
      'UPDATE entry SET (salt, record) = (SELECT salt, record FROM entry WHERE idx = 1024) WHERE idx = 1023',
      'UPDATE entry SET (salt, record) = (SELECT salt, record FROM kept) WHERE idx = 1024',
      'DROP TABLE kept',
    ],
  },
  {
    change: 'a record gone there without an erasure',
    ...{ finds: ['erased-without-entry'], by: BY, where: [1030] },
    how: ['UPDATE entry SET salt = NULL, record = NULL WHERE idx = 1030'],
  },
  {
    change: 'by what an entry is found again, changed there',
    ...{ finds: ['database-differs'], by: BY, where: [1040] },
    how: ["UPDATE entry SET stage = 'enter' WHERE idx = 1040"],
  },
  {
    change: 'the id of a message changed there: another can have it',
    ...{ finds: ['database-differs'], by: BY, where: [1050] },
    how: [
      "UPDATE claim SET id = 'another' WHERE message_hash = (SELECT message_hash FROM entry WHERE idx = 1050)",
    ],
  },
  {
    change: 'an id taken there by a message that never was',
    ...{ finds: ['database-differs'], by: BY, where: /taken by a message that the log does not hold/ },
    how: ["INSERT INTO claim VALUES ('hotline.de', 'never', zeroblob(32))"],
  },
  {
    change: 'a word of approval kept there that nobody gave',
    ...{ finds: ['database-differs'], by: BY, where: /a word about a message is kept of entry 20000,/ },
    how: ["INSERT INTO approval VALUES (zeroblob(32), 'court.de', 'court', 20000)"],
  },
  {
    change: 'a word of approval kept there as one that stands in an entry, which says nothing of the kind',
    ...{ finds: ['database-differs'], by: BY, where: /a word about a message is kept of entry 1060,/ },
    how: ["INSERT INTO approval VALUES (zeroblob(32), 'police.de', 'police', 1060)"],
  },
  {
    change: 'an id taken there by what is no message',
    ...{ finds: ['database-differs'], by: BY, where: /taken by what is no message/ },
    how: ["INSERT INTO claim VALUES ('hotline.de', 'nothing', x'')"],
  },
  {
    change: 'an entry slipped in behind the last one',
    ...{ finds: ['database-differs'], by: BY, where: /entries, and its head/ },
    how: ["INSERT INTO entry VALUES (20000, x'00', NULL, NULL, randomblob(32), 'leave', 'first')"],
  },
  {
    change: 'a node of the tree changed there: the next checkpoints would be of another tree',
    ...{ finds: ['database-differs'], by: BY, where: /node 3\/77 / },
    how: ['UPDATE node SET hash = zeroblob(32) WHERE level = 3 AND idx = 77'],
  },
  {
    change: 'the last checkpoint changed there',
    ...{ finds: ['database-differs'], by: BY, where: /its checkpoint is not of this log/ },
    how: ["UPDATE head SET note = replace(note, '\n\n', '\n')"],
  },
  {
    change: 'the time of the last entry changed there',
    ...{ finds: ['database-differs'], by: BY, where: /its time is not that of the last entry/ },
    how: ['UPDATE head SET time_ms = time_ms + 1'],
  },
  {
    change: 'another pack kept there as the one that was adopted last',
    ...{ finds: ['database-differs'], by: BY, where: /another adopt-pack as the last/ },
    how: ["UPDATE adopted SET sha256 = zeroblob(32) WHERE kind = 'adopt-pack'"],
  },
  {
    change: 'the version of a pack changed there, so that an old one can come back',
    ...{ finds: ['database-differs'], by: BY, where: /another version of pack/ },
    how: ["UPDATE part_version SET version = 0 WHERE part = 'pack'"],
  },
  {
    change: 'the counts changed there that stay when the log goes',
    ...{ finds: ['database-differs'], by: BY, where: /its counts are not those/ },
    how: ["UPDATE tally SET category = 'fraud' WHERE category = 'phishing'"],
  },
] as const satisfies readonly DatabaseRow[];

/** Each in a database of its own: it shows in many places. */
export const WHOLE_DATABASE_ROWS = [
  {
    change: 'an entry gone there',
    ...{ finds: ['record-missing', 'database-differs'], by: BY },
    how: (path) => run(path, 'DELETE FROM entry WHERE idx = 9990'),
  },
  {
    change: 'a page of it overwritten, of entries',
    ...{ finds: ['database-malformed', 'record-missing'], by: BY },
    how: (path) => {
      const bytes = readFileSync(path);
      const page = Math.floor(bytes.indexOf(leafIn(path, 5000)) / PAGE_BYTES);
      bytes.fill(0xff, PAGE_BYTES * page, PAGE_BYTES * (page + 1));
      writeFileSync(path, bytes);
    },
  },
  {
    change: 'a table of it made another',
    ...{ finds: ['database-differs'], by: BY },
    how: (path) => run(path, 'DROP TABLE approval'),
  },
  {
    change: 'the database set back to what it held before, and the files of the log not',
    ...{ finds: ['database-differs', 'record-missing'], by: BY },
    how: (path) => run(path, 'UPDATE head SET size = 9000', 'DELETE FROM entry WHERE idx >= 9000'),
  },
] as const satisfies readonly WholeRow[];

type WholeRow = Row & { readonly how: (path: string) => void };

const PAGE_BYTES = 4096;

/** It stands in one place of the file. */
function leafIn(path: string, index: number): Uint8Array {
  const database = openToHarm(path);
  const row = database.prepare('SELECT leaf FROM entry WHERE idx = ?').get(index);
  database.close();
  return row?.leaf as Uint8Array;
}

function run(path: string, ...statements: readonly string[]): void {
  const database = openToHarm(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}
