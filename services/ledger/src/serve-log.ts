import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Auditors, KEPT_CHECKPOINTS, parseRecordsPath, parseTilePath } from '@entente/audit';
import { serveHttp } from '@entente/runtime';
import { findTiles, type LogPath } from './log-folders.js';

export interface LogServerOptions {
  readonly dataDir: string;
  /** Of the first log, which is shown at the root; each log also stands under its origin. */
  readonly origin: string;
  /** On 127.0.0.1; who shall reach it from elsewhere comes through a proxy with TLS. 0 lets the system choose. */
  readonly port: number;
  /** Whose token opens entries and records, and what they were decided by. */
  readonly findAuditor: Auditors['find'];
  /** Puts the read on record; a bundle that cannot be put there is not handed out. */
  readonly onRead: (auditor: string, bundle: number) => Promise<void>;
  /** Records as they are now, in the form of `encodeRecords`; undefined beyond the log, or where there is no such log. */
  readonly readRecords: (origin: string, index: number, width: number) => Uint8Array | undefined;
  /** Folder of the packs and directories that the log was written under, each named by its hash. */
  readonly archiveDir: string;
  readonly onFault: (error: unknown) => void;
}

/**
 * The log as C2SP tlog-tiles over HTTP, to be read: checkpoints and hash tiles to whoever reaches it; entries, records and what
 * they were decided by to auditors. A path is a file's only if it is exactly the one that it has: nothing else of the machine
 * can be named.
 */
export function serveLog(options: LogServerOptions) {
  const { dataDir, origin: first, port, findAuditor, onRead, readRecords, archiveDir, onFault } = options;
  const read = async ({ origin, dir, path }: LogPath): Promise<Uint8Array | undefined> => {
    const records = parseRecordsPath(path);
    if (records) return readRecords(origin, records.index, records.width);
    const archived = ARCHIVED.exec(path)?.[1];
    return await readRegular(archived ? join(archiveDir, archived) : join(dir, path));
  };
  /** Whether it may be handed out: who has read which entries is on record first. */
  const say = async (auditor: string | undefined, path: string): Promise<boolean> => {
    const bundle = bundleOf(path);
    if (bundle === undefined) return true;
    return await onRead(auditor ?? '', bundle).then(
      () => true,
      (error: unknown) => {
        onFault(error);
        return false;
      },
    );
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = findTiles(dataDir, first, (request.url ?? '').slice(1));
    const kind = kindOf(asked.path);
    if (request.method !== 'GET') return refuse(response, 405, 'only GET');
    if (kind === undefined) return refuse(response, 404, 'no such file of a log');
    const auditor = findAuditor(request.headers.authorization ?? '');
    if (kind === 'auditors' && auditor === undefined) return refuse(response, 401, 'this is for auditors');
    const found = await read(asked);
    if (!found) return refuse(response, 404, 'the log has no such file');
    const isSaid = await say(auditor, asked.path);
    if (!isSaid) return refuse(response, 503, UNSAID);
    // What was erased while the read was put on record is not handed out.
    const bytes = parseRecordsPath(asked.path) ? await read(asked) : found;
    if (!bytes) return refuse(response, 404, 'the log has no such file');
    response.writeHead(200, {
      'content-type': asked.path.startsWith('checkpoint')
        ? 'text/plain; charset=utf-8'
        : 'application/octet-stream',
      'cache-control': CACHE[kind],
    });
    response.end(bytes);
  };
  return serveHttp({ port, answer, onFault });
}

const UNSAID = 'the log cannot put this read on record now';

const ARCHIVED = /^archive\/([0-9a-f]{64}\.(?:(?:[1-9][0-9]{0,9}\.)?pack|directory))$/;

type Kind = 'lasting' | 'growing' | 'auditors';

/** A full tile never changes; a checkpoint is never old; what is for auditors stays in nobody's cache. */
const CACHE: Readonly<Record<Kind, string>> = {
  lasting: 'public, max-age=31536000, immutable',
  growing: 'no-store',
  auditors: 'private, no-store',
};

function kindOf(path: string): Kind | undefined {
  if (path === 'checkpoint' || path === KEPT_CHECKPOINTS) return 'growing';
  if (parseRecordsPath(path) || ARCHIVED.test(path)) return 'auditors';
  const tile = parseTilePath(path);
  if (!tile) return undefined;
  if (tile.level === 'entries') return 'auditors';
  return tile.width === 256 ? 'lasting' : 'growing';
}

/** The bundle of entries that this is, or that it holds the records of. */
function bundleOf(path: string): number | undefined {
  const tile = parseTilePath(path);
  return tile?.level === 'entries' ? tile.index : parseRecordsPath(path)?.index;
}

/** Nothing is there, or no file: a link, a socket. Whatever else keeps a file from being opened is our fault. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'];

async function readRegular(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      if (ABSENT.includes(error.code ?? '')) return undefined;
      throw error;
    },
  );
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
