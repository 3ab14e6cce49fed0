import { NotNow } from './error.js';

/** Of SQLite what is about the row and not about the file. */
const ABOUT_THE_ROW = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;

/** What passes by itself, or once an operator has seen to it: {@link NotNow}, a busy or full database, what the system refuses. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NotNow) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return false;
  return /^E[A-Z0-9]+$/.test(code) || (code.startsWith('SQLITE_') && !ABOUT_THE_ROW.test(code));
}
