import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps what a log will be checked by. Whole or not at all; what lies there under this hash already is the same file. */
export async function archive(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, name);
  await writeFile(`${path}.${process.pid}`, bytes, { flush: true });
  await rename(`${path}.${process.pid}`, path);
}
