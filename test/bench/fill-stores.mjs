// Stores of edges as they are after years: rows that real referrals have left, again and again under other names. Filled with the
// edge's own store open, so that every table, index and setting is the one that it will run with.
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { edgeClient, paths } from '@entente/cli';
import { openEdgeStore } from '@entente/edge';
import { FROM, TO } from './measure-flow.mjs';

const SAMPLE = 16;
const AT_ONCE = 50_000;
const YEAR_MS = 365 * 86_400_000;
const TABLES = ['outbox', 'sent_submission', 'sent_envelope', 'evidence', 'received'];
/** SQL: as the evidence of a message with this number is filed. */
const filedUnder = (number) => `printf('n%012d', ${number})`;
const self = fileURLToPath(import.meta.url);

const storeOf = (home, member) => join(paths.edge(home.dir, member), 'edge.sqlite');

/** Sends a few referrals, each when the one before has arrived: no two share anything. @returns copies of the stores of both ends */
export async function keepSample(home, start) {
  const network = await start();
  const example = new URL('../../examples/14-phishing-page-on-a-bakery-site.json', import.meta.url);
  const { submission } = JSON.parse(readFileSync(example, 'utf8'));
  const client = edgeClient(home, FROM);
  for (let i = 0; i < SAMPLE; i++) {
    const { id } = await client.send({ ...submission, to: TO });
    while ((await client.message(id)).outcome !== 'delivered') await delay(20);
  }
  await network.stop();
  return [FROM, TO].map((member) => {
    const sample = { member, store: storeOf(home, member), copy: join(home.dir, `sample-${member}.sqlite`) };
    const db = openEdgeStore(sample.store);
    // To close it leaves the journal as it is.
    db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    db.close();
    copyFileSync(sample.store, sample.copy);
    return sample;
  });
}

/** Each in a process of its own: a million cases are thirty gigabytes. @returns the size of each store in megabytes */
export async function fillStores(samples, cases) {
  const sizes = samples.map(async ({ member, store, copy }) => {
    for (const end of ['', '-wal', '-shm']) rmSync(store + end, { force: true });
    copyFileSync(copy, store);
    await promisify(execFile)(process.execPath, [self, store, String(cases)]);
    return [`store mb ${member}`, Math.round(statSync(store).size / 2 ** 20)];
  });
  return Object.fromEntries(await Promise.all(sizes));
}

function fill(path, cases) {
  const db = openEdgeStore(path);
  // What a crash would leave is of no use here.
  db.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;',
  );
  db.exec('PRAGMA cache_size = -2000000;');
  db.exec(`
    CREATE TEMP TABLE sample AS
      SELECT row_number() OVER () - 1 AS n, id, number FROM (SELECT id, number FROM outbox UNION SELECT id, NULL FROM received);
    CREATE TEMP TABLE another (
      sample TEXT, of INTEGER, number INTEGER, id TEXT, case_id TEXT, hash BLOB, at_ms INTEGER);
    ${TABLES.map((table) => `CREATE TEMP TABLE sample_${table} AS SELECT * FROM ${table};`).join('\n')}`);
  for (let done = SAMPLE; done < cases; done += AT_ONCE) {
    db.transaction(() => {
      name(db, Math.min(AT_ONCE, cases - done), done);
      again(db, 'outbox', 'id', {
        ...{ id: 'another.id', number: 'another.number', case_id: 'another.case_id' },
        ...{
          message_hash: 'another.hash',
          envelope_sha256: 'randomblob(32)',
          created_ms: 'another.at_ms',
          ended_ms: 'another.at_ms + 900',
        },
        look_ms: 'NULL',
      });
      for (const table of ['sent_submission', 'sent_envelope'])
        again(db, table, 'number', { number: 'another.number' }, 'another.of');
      const ofAnother = { message_id: filedUnder('another.number'), at_ms: 'another.at_ms + 500' };
      again(db, 'evidence', 'message_id', ofAnother, filedUnder('another.of'));
      again(db, 'received', 'id', {
        ...{ id: 'another.id', case_id: 'another.case_id', message_hash: 'another.hash' },
        ...{ received_ms: 'another.at_ms', issued_ms: 'another.at_ms', opened_ms: 'another.at_ms + 3600000' },
      });
    });
  }
  const [{ count }] = db
    .prepare('SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM received) AS count')
    .all();
  db.close();
  if (count !== cases) throw new Error(`a store has ${count} cases, and not ${cases}`);
}

/** New names, spread over the last year; what may be kept for how long stays as it was. */
function name(db, count, done) {
  db.exec(`
    DELETE FROM another;
    WITH RECURSIVE counted (n) AS (SELECT ${done} UNION ALL SELECT n + 1 FROM counted WHERE n < ${done + count - 1})
    INSERT INTO another
      SELECT sample.id, sample.number, counted.n + 1, lower(hex(randomblob(16))), lower(hex(randomblob(16))), randomblob(32),
        ${Date.now() - YEAR_MS} + abs(random() % ${YEAR_MS - 86_400_000})
      FROM counted JOIN sample ON sample.n = counted.n % ${SAMPLE};`);
}

/** The rows of the sample once more, with these columns replaced; read from a copy, which does not grow. */
function again(db, table, key, replaced, sampled = 'another.sample') {
  const columns = db
    .prepare(`PRAGMA main.table_info(${table})`)
    .all()
    .map((column) => column.name);
  const values = columns.map((column) => replaced[column] ?? `copied.${column}`);
  db.exec(`INSERT INTO main.${table} (${columns.join(', ')})
    SELECT ${values.join(', ')} FROM another CROSS JOIN temp.sample_${table} AS copied ON copied.${key} = ${sampled}`);
}

if (process.argv[1] === self) {
  const [store, cases] = process.argv.slice(2);
  fill(store, Number(cases));
}
