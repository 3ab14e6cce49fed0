/** Each runs once, in order; never change one that was shipped. */
export const MIGRATIONS = [
  `CREATE TABLE seen (
     origin TEXT NOT NULL, view TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
     seen_ms INTEGER NOT NULL, PRIMARY KEY (origin, view)) WITHOUT ROWID;
   CREATE TABLE alarm (
     id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
     notes TEXT NOT NULL, is_over INTEGER NOT NULL DEFAULT 0);
   CREATE UNIQUE INDEX alarm_once ON alarm (origin, kind, detail) WHERE is_over = 0;`,
  `CREATE TABLE cosigned (
     origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE attested (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE stamped (
     id INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, stamp BLOB NOT NULL,
     at_ms INTEGER NOT NULL);
   CREATE INDEX stamped_by_size ON stamped (origin, size);`,
  `CREATE TABLE followed (
     origin TEXT PRIMARY KEY, size INTEGER NOT NULL, edge TEXT NOT NULL,
     read_ms INTEGER NOT NULL DEFAULT 0, erased_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
   CREATE TABLE unmet (
     message_hash BLOB NOT NULL, side TEXT NOT NULL, from_nation TEXT NOT NULL, to_nation TEXT NOT NULL, idx INTEGER NOT NULL,
     time_ms INTEGER NOT NULL, PRIMARY KEY (message_hash, side)) WITHOUT ROWID;
   CREATE INDEX unmet_by_time ON unmet (time_ms);
   CREATE TABLE late (
     from_nation TEXT NOT NULL, to_nation TEXT NOT NULL, idx INTEGER NOT NULL, took_ms INTEGER NOT NULL,
     PRIMARY KEY (from_nation, to_nation, idx)) WITHOUT ROWID;`,
  `ALTER TABLE alarm ADD COLUMN acked_ms INTEGER;
   ALTER TABLE alarm ADD COLUMN acked_by TEXT NOT NULL DEFAULT '';
   ALTER TABLE alarm ADD COLUMN acked_why TEXT NOT NULL DEFAULT '';`,
  // What crossed is read again from the logs: of what was kept before, nobody knows which of it was told.
  `ALTER TABLE alarm ADD COLUMN about TEXT NOT NULL DEFAULT '';
   CREATE INDEX alarm_open ON alarm (kind, about, origin) WHERE is_over = 0 AND acked_ms IS NULL;
   DROP TABLE followed;
   DROP TABLE unmet;
   DROP TABLE late;
   CREATE TABLE followed (
     origin TEXT PRIMARY KEY, size INTEGER NOT NULL, edge TEXT NOT NULL, read_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
   CREATE TABLE unmet (
     message_hash BLOB NOT NULL, side TEXT NOT NULL, from_nation TEXT NOT NULL, to_nation TEXT NOT NULL, origin TEXT NOT NULL,
     idx INTEGER NOT NULL, time_ms INTEGER NOT NULL, is_told INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (message_hash, side)) WITHOUT ROWID;
   CREATE INDEX unmet_untold ON unmet (side, from_nation, to_nation, time_ms) WHERE is_told = 0;
   CREATE INDEX unmet_told ON unmet (time_ms) WHERE is_told = 1;
   CREATE TABLE hidden (
     nation TEXT NOT NULL, peer TEXT NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY (nation, peer, hour)) WITHOUT ROWID;
   CREATE TABLE late (
     from_nation TEXT NOT NULL, to_nation TEXT NOT NULL, origin TEXT NOT NULL, idx INTEGER NOT NULL, took_ms INTEGER NOT NULL,
     PRIMARY KEY (from_nation, to_nation, origin, idx)) WITHOUT ROWID;`,
  'CREATE INDEX hidden_by_hour ON hidden (hour);',
  // As if it had been raised today: what ends by itself is found by what it is about.
  "UPDATE alarm SET about = detail WHERE about = '';",
];
