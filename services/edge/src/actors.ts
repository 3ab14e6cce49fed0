import { ACTOR, Rejection, SYSTEM, UNNAMED } from '@entente/contract';
import type { SqlDatabase } from '@entente/runtime';
import type { Pseudonymiser } from '@entente/seal';

export type Actors = ReturnType<typeof openActors>;

/** No case has this name, so that no person of a case has the pseudonym of one who works on it. */
const SCOPE = 'actor';
/** Whoever works at the moment. */
const MOST_AT_WORK = 256;

/**
 * The persons who act for this member (LED Art. 25), under the pseudonyms by which gates, logs and other members see them: keyed with the
 * member's own secret, so that nobody else can resolve or make one, and the same person at another member has another one.
 */
export function openActors(db: SqlDatabase, pseudonymise: Pseudonymiser, now: () => number) {
  const sql = {
    find: db.prepare('SELECT name FROM actor WHERE pseudonym = ?'),
    insert: db.prepare('INSERT OR IGNORE INTO actor (pseudonym, name, since_ms) VALUES (?, ?, ?)'),
  };
  const resolve = (pseudonym: string): string | undefined => {
    const row = sql.find.get(pseudonym);
    return row && String(row.name);
  };
  // INVARIANT: no more than what the key makes of a name. Whether it is kept is asked each time: what was written may be undone.
  const pseudonyms = new Map<string, string>();
  const pseudonymFor = (name: string): string => {
    const known = pseudonyms.get(name);
    if (known !== undefined) return known;
    const made = pseudonymise(SCOPE, name);
    if (pseudonyms.size >= MOST_AT_WORK) pseudonyms.clear();
    pseudonyms.set(name, made);
    return made;
  };
  return Object.freeze({
    resolve,
    /**
     * @param name as the member knows the person; or a pseudonym that this edge has made; undefined: nobody was named
     * @throws Rejection `content-invalid` for a pseudonym of others
     */
    pseudonymOf: (name: string | undefined): string => {
      if (name === undefined) return UNNAMED;
      if (name === SYSTEM || name === UNNAMED) return name;
      // Another member's pseudonym would lay its person's name on what was done here.
      if (name.startsWith('pn:')) {
        if (ACTOR.test(name) && resolve(name) !== undefined) return name;
        throw new Rejection('content-invalid', 'the actor is a pseudonym that this edge has not made');
      }
      const pseudonym = pseudonymFor(name);
      if (resolve(pseudonym) === undefined) sql.insert.run(pseudonym, name, now());
      return pseudonym;
    },
  });
}
