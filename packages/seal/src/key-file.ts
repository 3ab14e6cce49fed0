import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JWK } from 'jose';
import { SealError } from './error.js';

/**
 * Writes a secret so that only its owner can read it; an existing file is never overwritten, and of one that cannot be written to its
 * end nothing stays.
 * @throws SealError `key-file-exists`; errors of the disk as they are
 */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await create(path);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function create(path: string): Promise<FileHandle> {
  return await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new SealError(
      'key-file-exists',
      `${path} exists already. Choose another path, or move the old key away first.`,
      cause,
    );
  });
}

/**
 * Reads a secret that only its owner can read. What is checked is what is read: one file, opened once, and no link.
 * @throws SealError `key-file-unreadable`, `key-file-exposed`
 */
export async function readSecretFile(path: string): Promise<string> {
  const file = await open(path, READ_PLAIN).catch((cause: unknown) => {
    throw new SealError(
      'key-file-unreadable',
      `cannot read the secret file ${path}. Check the path and its owner.`,
      cause,
    );
  });
  try {
    return await readPlainFile(path, file);
  } finally {
    await file.close();
  }
}

/** Not blocked by a pipe, not led elsewhere by a link. */
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function readPlainFile(path: string, file: FileHandle): Promise<string> {
  const info = await file.stat();
  if (!info.isFile()) throw new SealError('key-file-unreadable', `${path} is not a plain file.`);
  if ((info.mode & 0o077) !== 0) {
    throw new SealError('key-file-exposed', `${path} can be read by others. Run: chmod 600 ${path}`);
  }
  return await file.readFile('utf8');
}

export async function writeKeyFile(path: string, jwk: JWK): Promise<void> {
  await writeSecretFile(path, `${JSON.stringify(jwk, null, 2)}\n`);
}

/** @throws SealError `key-file-malformed` and those of `readSecretFile` */
export async function readKeyFile(path: string): Promise<JWK> {
  const text = await readSecretFile(path);
  const jwk = parse(path, text);
  if (typeof jwk?.kid !== 'string' || typeof jwk.d !== 'string') {
    throw new SealError(
      'key-file-malformed',
      `${path} holds no private JWK with a kid. Make one with: entente keys new`,
    );
  }
  return jwk;
}

function parse(path: string, text: string): JWK | null {
  try {
    return JSON.parse(text) as JWK | null;
  } catch {
    // No cause: the parser's message quotes the text, which is a secret.
    throw new SealError('key-file-malformed', `${path} is not JSON.`);
  }
}
