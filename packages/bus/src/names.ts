import { BusError } from './error.js';

// INVARIANT: no name that reaches a subject or a server's configuration holds a dot, a wildcard or a quote.
// Whoever could register a member called `>` would otherwise be granted everything.
const TOKEN = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const NATION = /^[A-Z][A-Z0-9-]{0,15}$/;
const STREAM = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const SUBJECT_TOKEN = /^[A-Za-z0-9_-]{1,64}$/;
const USER_KEY = /^U[A-Z2-7]{55}$/;

export const checkToken = (token: string) => check(TOKEN, token, "a member's or service's token");
export const checkNation = (nation: string) => check(NATION, nation, 'a nation');
export const checkStreamName = (name: string) => check(STREAM, name, 'the name of a stream or consumer');
export const checkUserKey = (key: string) => check(USER_KEY, key, 'a public user key');

/** A prefix or a subject without wildcards. */
export function checkSubject(subject: string): string {
  for (const token of subject.split('.')) check(SUBJECT_TOKEN, token, `a token of the subject "${subject}"`);
  return subject;
}

/** A subject in which `*` may stand for one token and `>` for the rest. */
export function checkPattern(pattern: string): string {
  const tokens = pattern.split('.');
  const last = tokens.length - 1;
  tokens.forEach((token, at) => {
    if (token !== '*' && !(token === '>' && at === last))
      check(SUBJECT_TOKEN, token, `a token of "${pattern}"`);
  });
  return pattern;
}

/** Whether a subject falls under a pattern. */
export function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [at, token] of wanted.entries()) {
    if (token === '>') return tokens.length > at;
    if (at >= tokens.length || (token !== '*' && token !== tokens[at])) return false;
  }
  return tokens.length === wanted.length;
}

function check(form: RegExp, value: string, what: string): string {
  if (form.test(value)) return value;
  throw new BusError('bad-config', `${JSON.stringify(value)} cannot be ${what}`);
}
