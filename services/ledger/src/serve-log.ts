import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseRecordPagePath, parseTilePath } from '@entente/audit';
import type { FindAuditor } from './auditor-tokens.js';
import { findTiles } from './log-folders.js';
import { readRecordPage } from './read-record-page.js';

export interface LogServerOptions {
  readonly dataDir: string;
  /** Of the first log, which is shown at the root; each log also stands under its origin. */
  readonly origin: string;
  /** On 127.0.0.1; who shall reach it from elsewhere comes through a proxy with TLS. 0 lets the system choose. */
  readonly port: number;
  /** Whose token opens the bundles of entries, which say when something of which kind happened. */
  readonly findAuditor: FindAuditor;
  /** Puts the read on record; a bundle that cannot be put there is not handed out. */
  readonly onRead: (auditor: string, bundle: number) => Promise<void>;
}

/**
 * The log as C2SP tlog-tiles over HTTP, to be read: checkpoint and hash tiles to whoever reaches it, bundles of entries and pages of
 * records to auditors.
 * A path is a file's only if it is exactly the one that a tile has: nothing else of the machine can be named.
 */
export function serveLog({ dataDir, origin, port, findAuditor, onRead }: LogServerOptions) {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (request, response) => {
    const { dir, path } = findTiles(dataDir, origin, (request.url ?? '').slice(1));
    const tile = parseTilePath(path);
    if (request.method !== 'GET') return refuse(response, 405, 'only GET');
    const auditor = findAuditor(request.headers.authorization ?? '');
    const page = parseRecordPagePath(path);
    if (page !== undefined && !auditor) return refuse(response, 401, 'records are for auditors');
    const isSaid = async (bundle: number) =>
      await onRead(auditor ?? '', bundle).then(
        () => true,
        () => false,
      );
    if (page !== undefined) {
      if (!(await isSaid(page))) return refuse(response, 503, UNSAID);
      return showRecords(response, dir, page);
    }
    if (path !== 'checkpoint' && !tile) return refuse(response, 404, 'no such file of a log');
    if (tile?.level === 'entries' && !auditor) return refuse(response, 401, 'entries are for auditors');
    const bytes = await readRegular(join(dir, path));
    if (!bytes) return refuse(response, 404, 'the log has no such file');
    if (tile?.level === 'entries' && !(await isSaid(tile.index))) return refuse(response, 503, UNSAID);
    response.writeHead(200, {
      'content-type': path === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      // A full tile never changes; a checkpoint is never old.
      'cache-control': tile && tile.width === 256 ? 'public, max-age=31536000, immutable' : 'no-store',
    });
    response.end(bytes);
  });
  server.maxConnections = 256;
  return {
    /** @returns the port */
    start: async (): Promise<number> => {
      await new Promise<void>((resolve, reject) =>
        server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
      );
      return (server.address() as AddressInfo).port;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const UNSAID = 'the log cannot put this read on record now';

function showRecords(response: ServerResponse, dir: string, page: number): void {
  const records = tryToRead(dir, page);
  if (records === 'not now') refuse(response, 503, 'the records cannot be read now');
  else if (!records) refuse(response, 404, 'the log has no such entries');
  else
    response
      .writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
      .end(records);
}

/** INVARIANT: what an auditor asks never ends the ledger's process. */
function tryToRead(dir: string, page: number): Buffer | 'not now' | undefined {
  try {
    return readRecordPage(dir, page);
  } catch {
    return 'not now';
  }
}

async function readRegular(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (!file) return undefined;
  try {
    return (await file.stat()).isFile() ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${why}\n`);
}
