import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendLeaves,
  encodeBundle,
  formatVkey,
  leafHash,
  merkleRoot,
  type NoteSigner,
  parseVkey,
  type ReadNode,
  signCheckpoint,
} from '@entente/audit';
import { paths } from '@entente/cli';
import { openForReading } from '@entente/runtime';
import { createSigner, generateKey, loadSigner } from '@entente/seal';
import type { LedgerLog } from '../ledger-log.js';
import type { Row } from './row.js';

/** The files of a log, a copy of them to be changed, and what its ledger could sign. */
export interface LogFiles {
  /** With `checkpoint` and `tile/`. */
  readonly dir: string;
  readonly leaves: readonly Uint8Array[];
  readonly signer: NoteSigner;
}

export type FileRow = Row & { readonly how: (files: LogFiles) => void | Promise<void> };

const [BUNDLE, AT] = [7, 44];
const BY = '`entente log verify`';

/** Changes of files of a log; each is made alone, and all that is found of it is what stands here. */
export const FILE_ROWS = [
  {
    change: 'an entry removed from its bundle',
    ...{ finds: ['file-malformed'], by: BY },
    how: (files) => rewrite(files, (own) => own.toSpliced(AT, 1)),
  },
  {
    change: 'an entry inserted',
    ...{ finds: ['file-malformed'], by: BY },
    how: (files) => rewrite(files, (own) => own.toSpliced(AT, 0, Buffer.from('new'))),
  },
  {
    change: 'two entries swapped',
    ...{ finds: ['entry-mismatch'], by: BY },
    how: (files) => rewrite(files, (own) => own.with(AT, own[AT + 1] ?? NONE).with(AT + 1, own[AT] ?? NONE)),
  },
  {
    change: 'an entry changed',
    ...{ finds: ['entry-mismatch'], by: BY },
    how: (files) => rewrite(files, (own) => own.with(AT, changed(own[AT]))),
  },
  {
    change: 'a bundle cut off',
    ...{ finds: ['file-malformed'], by: BY },
    how: ({ dir }) => truncateSync(join(dir, 'tile/entries/007'), 100),
  },
  {
    change: 'a tile changed',
    ...{ finds: ['tile-mismatch'], by: BY },
    how: ({ dir }) => writeFileSync(join(dir, 'tile/0/009'), changed(readFileSync(join(dir, 'tile/0/009')))),
  },
  {
    change: 'a tile gone',
    ...{ finds: ['file-missing'], by: BY },
    how: ({ dir }) => rmSync(join(dir, 'tile/0/009')),
  },
  {
    change: 'a file that the log does not have',
    ...{ finds: ['unexpected-file'], by: BY },
    how: ({ dir }) => writeFileSync(join(dir, 'tile/0/notes'), 'more'),
  },
  {
    change: 'the end cut off: an old checkpoint put back',
    ...{ finds: ['beyond-checkpoint'], by: BY },
    how: async ({ dir, leaves, signer }) =>
      writeFileSync(join(dir, 'checkpoint'), await signed(signer, leaves.slice(0, 9000))),
  },
  {
    change: 'a checkpoint signed for another tree',
    ...{ finds: ['root-mismatch'], by: BY },
    how: async ({ dir, leaves, signer }) =>
      writeFileSync(join(dir, 'checkpoint'), await signed(signer, leaves.with(5000, Buffer.from('forged')))),
  },
  {
    change: 'a checkpoint signed by another key',
    ...{ finds: ['note-unsigned'], by: BY },
    how: async ({ dir, leaves, signer }) =>
      writeFileSync(join(dir, 'checkpoint'), await signed(await otherKey(signer.key.name), leaves)),
  },
  {
    change: 'the checkpoint of another log',
    ...{ finds: ['note-unsigned'], by: BY },
    how: async ({ dir, leaves }) =>
      writeFileSync(join(dir, 'checkpoint'), await signed(await otherKey('log.example/xx/2026'), leaves)),
  },
] as const satisfies readonly FileRow[];

const NONE = Buffer.alloc(0);

function changed(bytes: Uint8Array = NONE): Buffer {
  const other = Buffer.from(bytes);
  other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1;
  return other;
}

function rewrite({ dir, leaves }: LogFiles, change: (own: readonly Uint8Array[]) => Uint8Array[]): void {
  const own = leaves.slice(BUNDLE * 256, (BUNDLE + 1) * 256);
  writeFileSync(join(dir, 'tile/entries/007'), encodeBundle(change(own)));
}

/** The checkpoint of these entries. */
export async function signed(signer: NoteSigner, leaves: readonly Uint8Array[]): Promise<string> {
  const root = merkleRoot(leaves.map(leafHash));
  return await signCheckpoint({ origin: signer.key.name, size: leaves.length, root }, [signer]);
}

async function otherKey(origin: string): Promise<NoteSigner> {
  const { publicJwk, signBytes } = await createSigner(await generateKey('Ed25519'));
  return noteSigner(origin, publicJwk.x, signBytes);
}

function noteSigner(origin: string, x: unknown, sign: NoteSigner['sign']): NoteSigner {
  return { key: parseVkey(formatVkey(origin, Buffer.from(String(x), 'base64url'))), sign };
}

/** @param scratch where the copy is made */
export async function copyFiles(log: LedgerLog, scratch: string): Promise<LogFiles> {
  const dir = mkdtempSync(join(scratch, 'files-'));
  cpSync(join(log.source.dir, 'log'), dir, { recursive: true });
  return { dir, leaves: leavesOf(log), signer: await signerOf(log) };
}

export function leavesOf({ source }: Pick<LedgerLog, 'source'>): Uint8Array[] {
  const database = openForReading(join(source.dir, 'ledger.sqlite'), Number.MAX_SAFE_INTEGER);
  const rows = database.prepare('SELECT leaf FROM entry ORDER BY idx').all();
  database.close();
  return rows.map(({ leaf }) => leaf as Uint8Array);
}

export async function signerOf({ home, nation, source }: LedgerLog): Promise<NoteSigner> {
  const path = paths.secret(home.dir, `services.${nation.code.toLowerCase()}`, 'ledger.key');
  const { signBytes } = await loadSigner(path);
  return { key: parseVkey(source.vkey), sign: signBytes };
}

/** All nodes of the tree of these leaves. */
export function nodesOf(leaves: readonly Uint8Array[]): ReadNode {
  const nodes = new Map<string, Uint8Array>();
  const readNode: ReadNode = (level, index) => nodes.get(`${level}/${index}`);
  for (const { level, index, hash } of appendLeaves(0, leaves.map(leafHash), readNode).nodes)
    nodes.set(`${level}/${index}`, hash);
  return readNode;
}
