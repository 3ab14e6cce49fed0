import { openDatabase, type SqlDatabase } from '@entente/runtime';

/** Each brings a store of the version before it to the next. */
export const MIGRATIONS = [
  `CREATE TABLE outbox (
     id TEXT PRIMARY KEY, case_id TEXT NOT NULL, to_member TEXT NOT NULL, category TEXT NOT NULL, action TEXT NOT NULL,
     submission TEXT NOT NULL, notes TEXT NOT NULL,
     idempotency_key TEXT UNIQUE, submission_sha256 BLOB NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('draft', 'sent', 'ended')),
     outcome TEXT NOT NULL CHECK (outcome IN ('', 'delivered', 'refused', 'held', 'expired')),
     code TEXT NOT NULL, reason TEXT NOT NULL,
     envelope BLOB, message_hash BLOB, envelope_sha256 BLOB,
     created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, ended_ms INTEGER);
   CREATE INDEX outbox_due ON outbox (next_try_ms) WHERE state <> 'ended';
   CREATE INDEX outbox_case ON outbox (case_id);
   CREATE INDEX outbox_envelope ON outbox (envelope_sha256);
   CREATE TABLE evidence (
     message_id TEXT NOT NULL, evidence TEXT NOT NULL, source TEXT NOT NULL, at_ms INTEGER NOT NULL,
     code TEXT NOT NULL, reason TEXT NOT NULL, rules TEXT NOT NULL, raw BLOB NOT NULL,
     PRIMARY KEY (message_id, evidence)) WITHOUT ROWID;
   CREATE TABLE received (
     message_hash BLOB PRIMARY KEY, id TEXT NOT NULL, sender TEXT NOT NULL, case_id TEXT NOT NULL,
     category TEXT NOT NULL, action TEXT NOT NULL, content TEXT NOT NULL, passage BLOB NOT NULL,
     answer BLOB NOT NULL, received_ms INTEGER NOT NULL,
     UNIQUE (sender, id)) WITHOUT ROWID;
   CREATE INDEX received_case ON received (case_id);
   CREATE INDEX received_time ON received (received_ms);
   CREATE TABLE refused (
     sha256 BLOB PRIMARY KEY, at_ms INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, sender TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE part_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;`,
  // Two gates may both hold a message; and what this member is asked to release, and its word on it.
  `CREATE TABLE evidence_by_source (
     message_id TEXT NOT NULL, evidence TEXT NOT NULL, source TEXT NOT NULL, at_ms INTEGER NOT NULL,
     code TEXT NOT NULL, reason TEXT NOT NULL, rules TEXT NOT NULL, raw BLOB NOT NULL,
     PRIMARY KEY (message_id, evidence, source)) WITHOUT ROWID;
   INSERT INTO evidence_by_source SELECT message_id, evidence, source, at_ms, code, reason, rules, raw FROM evidence;
   DROP TABLE evidence;
   ALTER TABLE evidence_by_source RENAME TO evidence;
   CREATE TABLE hold (
     message_hash BLOB PRIMARY KEY, role TEXT NOT NULL, entry BLOB NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE approval (
     about_hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, message_hash BLOB NOT NULL, envelope BLOB NOT NULL,
     decision TEXT NOT NULL, reason TEXT NOT NULL, justification TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('sent', 'logged', 'refused', 'expired')), code TEXT NOT NULL, entry BLOB,
     created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX approval_due ON approval (next_try_ms) WHERE state = 'sent';`,
  // With the salt a member can show what a message said. A message from before this has none, and stays closed.
  `ALTER TABLE outbox ADD COLUMN salt BLOB; ALTER TABLE received ADD COLUMN salt BLOB;`,
  // Case work: what answers what, what a person has opened, whose copy is gone, and what has a clock of its own.
  `ALTER TABLE outbox ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';
   UPDATE outbox SET in_reply_to = coalesce(json_extract(submission, '$.in_reply_to'), '');
   ALTER TABLE outbox ADD COLUMN update_word TEXT NOT NULL DEFAULT '';
   ALTER TABLE outbox ADD COLUMN look_ms INTEGER;
   ALTER TABLE outbox ADD COLUMN is_emergency INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE outbox ADD COLUMN delivery_due_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE outbox SET delivery_due_ms = created_ms + 86400000;
   DROP INDEX outbox_due;
   CREATE INDEX outbox_due ON outbox (is_emergency DESC, next_try_ms) WHERE state <> 'ended';
   CREATE INDEX outbox_look ON outbox (look_ms) WHERE look_ms IS NOT NULL;
   ALTER TABLE received ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';
   ALTER TABLE received ADD COLUMN update_word TEXT NOT NULL DEFAULT '';
   ALTER TABLE received ADD COLUMN issued_ms INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE received ADD COLUMN opened_ms INTEGER;
   ALTER TABLE received ADD COLUMN removed_ms INTEGER;
   CREATE TABLE statement (
     id TEXT PRIMARY KEY, envelope BLOB NOT NULL, next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX statement_due ON statement (next_try_ms);`,
  // What a referral says it may be kept for is kept to; a legal hold stops it for one case.
  `ALTER TABLE received ADD COLUMN erase_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE received SET erase_ms = received_ms + 86400000 * coalesce(json_extract(content, '$.retention_days'), 1095);
   ALTER TABLE outbox ADD COLUMN erase_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE outbox SET erase_ms = created_ms + 86400000 * coalesce(json_extract(submission, '$.content.retention_days'), 1095);
   ALTER TABLE outbox ADD COLUMN removed_ms INTEGER;
   CREATE INDEX received_erase ON received (erase_ms) WHERE removed_ms IS NULL;
   CREATE INDEX outbox_erase ON outbox (erase_ms) WHERE removed_ms IS NULL AND state = 'ended';
   CREATE TABLE legal_hold (case_id TEXT PRIMARY KEY, reason TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;`,
  // What was erased by order, before its time was over: who asks later is told that and why.
  `CREATE TABLE erasure (
     case_id TEXT NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL, at_ms INTEGER NOT NULL, messages INTEGER NOT NULL);
   CREATE INDEX erasure_case ON erasure (case_id);`,
  // Who did it, and why: persons by their pseudonyms, every access as a leaf of a tree, and what an auditor has opened.
  `CREATE TABLE actor (pseudonym TEXT PRIMARY KEY, name TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE justification (message_hash BLOB PRIMARY KEY, seal BLOB NOT NULL, salt BLOB NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE access (idx INTEGER PRIMARY KEY, entry TEXT NOT NULL, salt BLOB NOT NULL);
   CREATE TABLE access_node (level INTEGER, idx INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) WITHOUT ROWID;
   CREATE TABLE access_head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL);
   INSERT INTO access_head VALUES (1, 0, x'');
   CREATE TABLE request (
     id TEXT PRIMARY KEY, message_hash BLOB NOT NULL, envelope BLOB NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('anchor', 'inspect')),
     state TEXT NOT NULL CHECK (state IN ('sent', 'logged', 'answered', 'refused', 'expired')), code TEXT NOT NULL, entry BLOB,
     created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX request_due ON request (next_try_ms) WHERE state IN ('sent', 'logged');
   CREATE TABLE access_anchor (request_id TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) WITHOUT ROWID;
   CREATE TABLE inspection_answer (request_hash BLOB PRIMARY KEY, about_hash BLOB NOT NULL, answer BLOB) WITHOUT ROWID;
   CREATE INDEX inspection_answer_about ON inspection_answer (about_hash);
   CREATE TABLE inspection (
     id TEXT PRIMARY KEY, member TEXT NOT NULL, case_id TEXT NOT NULL, message_id TEXT NOT NULL, message_hash BLOB NOT NULL,
     reason TEXT NOT NULL, result TEXT NOT NULL, content TEXT NOT NULL, created_ms INTEGER NOT NULL, answered_ms INTEGER) WITHOUT ROWID;
   CREATE INDEX outbox_hash ON outbox (message_hash) WHERE message_hash IS NOT NULL;`,
  // Rows of some kilobytes in the order of their coming, and only their keys in trees: in the order of a random key each new one
  // would change another page. What one seal says of many messages is kept once.
  `CREATE TABLE received_in_order (
     message_hash BLOB NOT NULL UNIQUE, id TEXT NOT NULL, sender TEXT NOT NULL, case_id TEXT NOT NULL,
     category TEXT NOT NULL, action TEXT NOT NULL, content TEXT NOT NULL, salt BLOB, passage BLOB NOT NULL,
     answer BLOB NOT NULL, received_ms INTEGER NOT NULL, in_reply_to TEXT NOT NULL, update_word TEXT NOT NULL,
     issued_ms INTEGER NOT NULL, opened_ms INTEGER, removed_ms INTEGER, erase_ms INTEGER NOT NULL,
     UNIQUE (sender, id));
   INSERT INTO received_in_order SELECT message_hash, id, sender, case_id, category, action, content, salt, passage, answer,
     received_ms, in_reply_to, update_word, issued_ms, opened_ms, removed_ms, erase_ms FROM received ORDER BY received_ms;
   DROP TABLE received;
   ALTER TABLE received_in_order RENAME TO received;
   CREATE INDEX received_case ON received (case_id);
   CREATE INDEX received_time ON received (received_ms);
   CREATE INDEX received_erase ON received (erase_ms) WHERE removed_ms IS NULL;
   CREATE TABLE shared_raw (id INTEGER PRIMARY KEY, raw BLOB NOT NULL);
   CREATE TABLE evidence_in_order (
     message_id TEXT NOT NULL, evidence TEXT NOT NULL, source TEXT NOT NULL, at_ms INTEGER NOT NULL,
     code TEXT NOT NULL, reason TEXT NOT NULL, rules TEXT NOT NULL, raw BLOB, shared INTEGER REFERENCES shared_raw (id),
     UNIQUE (message_id, evidence, source));
   INSERT INTO evidence_in_order SELECT message_id, evidence, source, at_ms, code, reason, rules, raw, NULL FROM evidence;
   DROP TABLE evidence;
   ALTER TABLE evidence_in_order RENAME TO evidence;`,
  // The newest of each list, and what is due, without reading the rest: a store of a million cases answers as one of a hundred.
  `CREATE INDEX outbox_time ON outbox (created_ms);
   CREATE INDEX refused_time ON refused (at_ms);
   CREATE INDEX hold_time ON hold (since_ms);
   CREATE INDEX erasure_time ON erasure (at_ms);
   CREATE INDEX inspection_time ON inspection (created_ms);
   CREATE INDEX inspection_over ON inspection (answered_ms) WHERE content <> '';
   CREATE INDEX access_anchor_size ON access_anchor (size);`,
  // What is kept or erased, and by whom, stands in the log of accesses: that of legal holds is compared with the holds there are.
  `ALTER TABLE erasure ADD COLUMN actor TEXT NOT NULL DEFAULT 'unnamed';
   CREATE INDEX access_legal_hold ON access (idx) WHERE instr(entry, '"what":"legal-hold') > 0;`,
  // How much one sender has said in a case, and what was said of one referral, without reading the rest of the case.
  `ALTER TABLE received ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
   UPDATE received SET size = length(passage);
   DROP INDEX received_case;
   CREATE INDEX received_case ON received (case_id, sender, in_reply_to, update_word, size);`,
  // What was refused of one sender: nobody takes the name of another's message before that comes, and of nobody is too much kept.
  `CREATE TABLE refused_of (
     sender TEXT NOT NULL, sha256 BLOB NOT NULL, at_ms INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
     PRIMARY KEY (sender, sha256)) WITHOUT ROWID;
   INSERT INTO refused_of SELECT sender, sha256, at_ms, code, detail FROM refused;
   DROP TABLE refused;
   ALTER TABLE refused_of RENAME TO refused;
   CREATE INDEX refused_time ON refused (at_ms);
   CREATE INDEX refused_sender ON refused (sender, at_ms);`,
  // When each request of an auditor was answered: what nobody can send again is forgotten.
  `ALTER TABLE inspection_answer ADD COLUMN answered_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE inspection_answer SET answered_ms = 1000 * strftime('%s', 'now');
   CREATE INDEX inspection_answer_time ON inspection_answer (answered_ms);`,
  // What others hold and nobody here decided goes with its time, and of no nation is too much kept.
  `ALTER TABLE hold ADD COLUMN nation TEXT NOT NULL DEFAULT '';
   ALTER TABLE hold ADD COLUMN is_decided INTEGER NOT NULL DEFAULT 0;
   UPDATE hold SET is_decided = 1 WHERE message_hash IN (SELECT about_hash FROM approval);
   CREATE INDEX hold_over ON hold (until_ms) WHERE is_decided = 0;
   CREATE INDEX hold_nation ON hold (nation) WHERE is_decided = 0;`,
  // What was sent on, and of what: who takes the one back takes back the other.
  `CREATE TABLE forward (
     id TEXT PRIMARY KEY, case_id TEXT NOT NULL, of_case TEXT NOT NULL, of_sender TEXT NOT NULL, of_id TEXT NOT NULL) WITHOUT ROWID;
   CREATE INDEX forward_of ON forward (of_case, of_sender, of_id);`,
  // What proves a message goes as well, some time after what it said: found by that time, and what several share when none of them is left.
  `ALTER TABLE justification ADD COLUMN case_id TEXT NOT NULL DEFAULT '';
   ALTER TABLE justification ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE justification SET at_ms = 1000 * strftime('%s', 'now');
   CREATE INDEX justification_case ON justification (case_id);
   CREATE INDEX justification_time ON justification (at_ms);
   CREATE INDEX evidence_shared ON evidence (shared) WHERE shared IS NOT NULL;
   CREATE INDEX received_removed ON received (removed_ms) WHERE removed_ms IS NOT NULL;
   CREATE INDEX outbox_removed ON outbox (removed_ms) WHERE removed_ms IS NOT NULL;
   CREATE INDEX approval_time ON approval (created_ms);`,
  // What is late, by kind, and which notices nobody acts on however often they are given: counted without reading what they say.
  `ALTER TABLE outbox ADD COLUMN relay_due_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE outbox SET relay_due_ms = delivery_due_ms - CASE
     WHEN json_extract(submission, '$.content.urgency') = 'emergency' OR (category = 'terrorist-content'
       AND json_extract(submission, '$.content.force') = 'order') THEN 900000
     WHEN json_extract(submission, '$.content.urgency') = 'urgent'
       OR json_extract(submission, '$.content.force') = 'order' THEN 7200000
     ELSE 43200000 END;
   ALTER TABLE outbox ADD COLUMN is_used_up INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX outbox_used_up ON outbox (id) WHERE is_used_up = 1;`,
  // Until when each case is kept, without reading what is kept.
  `DROP INDEX received_case;
   CREATE INDEX received_case ON received (case_id, sender, in_reply_to, update_word, size, erase_ms, removed_ms);
   DROP INDEX outbox_case;
   CREATE INDEX outbox_case ON outbox (case_id, erase_ms, removed_ms);`,
  // Accesses have an end as well.
  `CREATE INDEX access_kept ON access (idx) WHERE entry <> '';`,
  // What was erased because its originator took it back, until that is said.
  `CREATE TABLE unsaid_erasure (message_hash BLOB PRIMARY KEY) WITHOUT ROWID;`,
  // Why a message was sent is there before its seal, so that whatever seals it commits to the same: found by its id.
  `PRAGMA secure_delete = ON;
   CREATE TABLE justification_by_id (
     id TEXT PRIMARY KEY, message_hash BLOB UNIQUE, seal BLOB, salt BLOB NOT NULL, text NOT NULL, case_id TEXT NOT NULL,
     at_ms INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO justification_by_id SELECT lower(hex(message_hash)), message_hash, seal, salt, text, case_id, at_ms FROM justification;
   DROP TABLE justification;
   ALTER TABLE justification_by_id RENAME TO justification;
   CREATE INDEX justification_case ON justification (case_id);
   CREATE INDEX justification_time ON justification (at_ms);
   ALTER TABLE inspection ADD COLUMN justified TEXT NOT NULL DEFAULT '';
   ALTER TABLE inspection ADD COLUMN justification NOT NULL DEFAULT '';
   DROP INDEX inspection_over;
   CREATE INDEX inspection_over ON inspection (answered_ms) WHERE content <> '' OR justification <> '';`,
  // What has arrived without the entry of each gate on its way, until that is there.
  `CREATE TABLE incomplete_way (id TEXT PRIMARY KEY, next_ms INTEGER NOT NULL, asked INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX incomplete_way_due ON incomplete_way (next_ms);
   CREATE INDEX incomplete_way_overdue ON incomplete_way (id) WHERE asked > 1;`,
  `DROP INDEX outbox_due;
   CREATE INDEX outbox_due ON outbox (state, is_emergency, next_try_ms) WHERE state <> 'ended';`,
  // What a message says and its sealed form, beside what becomes of it: that changes with each step, and is some hundred bytes. What is here
  // keeps them in its row. And no index that each new row changes another page of, where something else finds the row as well.
  `PRAGMA secure_delete = ON;
   ALTER TABLE outbox ADD COLUMN number INTEGER;
   ALTER TABLE outbox ADD COLUMN first_look_ms INTEGER;
   CREATE TABLE sent_submission (number INTEGER PRIMARY KEY, json TEXT NOT NULL);
   CREATE TABLE sent_envelope (number INTEGER PRIMARY KEY, envelope BLOB NOT NULL);
   DROP INDEX outbox_hash;
   DROP INDEX outbox_envelope;
   CREATE INDEX outbox_envelope ON outbox (envelope_sha256) WHERE state = 'sent';`,
  // What one seal says of many messages is kept once at this end as well.
  `ALTER TABLE received ADD COLUMN answer_number INTEGER;
   CREATE TABLE shared_answer (number INTEGER PRIMARY KEY, answer BLOB NOT NULL);
   CREATE INDEX received_answer ON received (answer_number) WHERE answer_number IS NOT NULL;`,
  // Two gates may hold one message for the same member, one after the other: each waits for a word of its own.
  `PRAGMA secure_delete = ON;
   CREATE TABLE hold_by_nation (
     message_hash BLOB NOT NULL, nation TEXT NOT NULL, role TEXT NOT NULL, entry BLOB NOT NULL, since_ms INTEGER NOT NULL,
     until_ms INTEGER NOT NULL, is_decided INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (message_hash, nation)) WITHOUT ROWID;
   INSERT INTO hold_by_nation SELECT message_hash, nation, role, entry, since_ms, until_ms, is_decided FROM hold;
   CREATE TABLE approval_by_nation (
     about_hash BLOB NOT NULL, nation TEXT NOT NULL, id TEXT NOT NULL UNIQUE, message_hash BLOB NOT NULL, envelope BLOB NOT NULL,
     decision TEXT NOT NULL, reason TEXT NOT NULL, justification TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('sent', 'logged', 'refused', 'expired')), code TEXT NOT NULL, entry BLOB,
     created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, next_try_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
     PRIMARY KEY (about_hash, nation)) WITHOUT ROWID;
   INSERT INTO approval_by_nation SELECT about_hash, coalesce((SELECT nation FROM hold WHERE hold.message_hash = about_hash), ''), id,
     message_hash, envelope, decision, reason, justification, state, code, entry, created_ms, expires_ms, next_try_ms, attempts FROM approval;
   DROP TABLE hold;
   DROP TABLE approval;
   ALTER TABLE hold_by_nation RENAME TO hold;
   ALTER TABLE approval_by_nation RENAME TO approval;
   CREATE INDEX hold_time ON hold (since_ms);
   CREATE INDEX hold_over ON hold (until_ms) WHERE is_decided = 0;
   CREATE INDEX hold_nation ON hold (nation) WHERE is_decided = 0;
   CREATE INDEX hold_unnamed ON hold (message_hash) WHERE nation = '';
   CREATE INDEX approval_due ON approval (next_try_ms) WHERE state = 'sent';
   CREATE INDEX approval_time ON approval (created_ms);`,
];

/** A member's own store: what it sends until that ends, and what it received. One process writes it. */
export function openEdgeStore(path: string): SqlDatabase {
  const db = openDatabase(path, MIGRATIONS);
  // What is erased is overwritten, not only unlinked.
  db.exec('PRAGMA secure_delete = ON');
  return db;
}
