import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadLogPath } from '@entente/audit';

const TIMEOUT_MS = 5000;

/** Nobody answers there now: that says nothing of the log. */
export class Unreachable extends Error {}

/** Reads a log where it is shown, over HTTP or in a folder. Whoever shows it controls every byte, and how many. */
export function readerOf(view: string): ReadLogPath {
  return /^https?:/.test(view) ? overHttp(view.replace(/\/$/, '')) : fromFolder(view);
}

function overHttp(base: string): ReadLogPath {
  return async (path, maxBytes) => {
    const response = await fetch(`${base}/${path}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new Unreachable(`${base} does not answer`, { cause });
    });
    if (response.status === 404) return await drop(response);
    if (!response.ok || !response.body) throw new Unreachable(`${base} answers ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body) {
      size += part.length;
      if (size > maxBytes) return await drop(response);
      parts.push(part);
    }
    return Buffer.concat(parts);
  };
}

async function drop(response: Response): Promise<undefined> {
  await response.body?.cancel().catch(() => undefined);
  return undefined;
}

function fromFolder(dir: string): ReadLogPath {
  return async (path, maxBytes) => {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(dir, path), flags).catch(() => undefined);
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      return size <= maxBytes ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  };
}
