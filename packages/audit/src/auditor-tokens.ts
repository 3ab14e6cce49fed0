import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may read the entries of a log. */
export interface Auditors {
  /** Whose token an `Authorization` header shows; undefined: nobody's. */
  readonly find: (authorization: string) => string | undefined;
  /** `name <SHA-256 of the token, hex>`, by name: how a log names an auditor, so that another token under the same name is a change. */
  readonly named: readonly string[];
}

const NAME = /^[a-z0-9][a-z0-9.-]{0,39}$/;

/**
 * The auditors and their tokens, as they stand in a file: `name token`, one a line. A single token without a name is that of "auditor".
 * @throws Error that says which line is wrong, and never shows a token
 */
export function parseAuditors(text: string): Auditors {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const auditors = lines.map((line, i) => {
    const words = line.trim().split(/\s+/);
    const [name, token] = words.length === 1 && lines.length === 1 ? ['auditor', words[0]] : words;
    if (!name || !token || words.length > 2 || !NAME.test(name) || token.length < 16)
      throw new Error(
        `line ${i + 1} of the auditors' tokens is not "name token", with a token of 16 characters or more`,
      );
    return { name, wanted: digest(`Bearer ${token}`), sha256: digest(token).toString('hex') };
  });
  if (auditors.length === 0) throw new Error("there is no auditors' token");
  for (const key of ['name', 'wanted'] as const) {
    if (new Set(auditors.map((one) => String(one[key]))).size < auditors.length)
      throw new Error(`two auditors have the same ${key === 'name' ? 'name' : 'token'}`);
  }
  return {
    find: (authorization) => {
      const shown = digest(authorization);
      // All of them, so that the time says nothing.
      return auditors.filter(({ wanted }) => timingSafeEqual(shown, wanted))[0]?.name;
    },
    named: auditors.map(({ name, sha256 }) => `${name} ${sha256}`).sort(),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
