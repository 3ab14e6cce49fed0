import { lstat, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JWK } from 'jose';
import { SealError } from './error.js';

/** Writes a secret so that only its owner can read it; an existing file is never overwritten. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
    await file.close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new SealError(
      'key-file-exists',
      `${path} exists already. Choose another path, or move the old key away first.`,
      cause,
    );
  }
}

/**
 * Reads a secret that only its owner can read.
 * @throws SealError `key-file-unreadable`, `key-file-exposed`
 */
export async function readSecretFile(path: string): Promise<string> {
  const info = await lstat(path).catch((cause: unknown) => {
    throw new SealError(
      'key-file-unreadable',
      `cannot read the secret file ${path}. Check the path and its owner.`,
      cause,
    );
  });
  if (!info.isFile()) throw new SealError('key-file-unreadable', `${path} is not a plain file.`);
  if ((info.mode & 0o077) !== 0) {
    throw new SealError('key-file-exposed', `${path} can be read by others. Run: chmod 600 ${path}`);
  }
  return await readFile(path, 'utf8');
}

export async function writeKeyFile(path: string, jwk: JWK): Promise<void> {
  await writeSecretFile(path, `${JSON.stringify(jwk, null, 2)}\n`);
}

/** @throws SealError `key-file-malformed` and those of `readSecretFile` */
export async function readKeyFile(path: string): Promise<JWK> {
  const text = await readSecretFile(path);
  const jwk = parse(path, text);
  if (typeof jwk.kid !== 'string' || typeof jwk.d !== 'string') {
    throw new SealError(
      'key-file-malformed',
      `${path} holds no private JWK with a kid. Make one with: entente keys new`,
    );
  }
  return jwk;
}

function parse(path: string, text: string): JWK {
  try {
    return JSON.parse(text) as JWK;
  } catch (cause) {
    throw new SealError('key-file-malformed', `${path} is not JSON.`, cause);
  }
}
