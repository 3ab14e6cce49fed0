import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPack, type NetworkHome, paths } from '@entente/cli';
import type { Signoff } from '@entente/contract';
import { packFile } from '@entente/members';
import { type OpenedPack, packsDir } from '@entente/policy';
import { loadSigner } from '@entente/seal';
import { logLines } from './state.js';
import { waitFor } from './wait.js';

export type EditPack = (dir: string) => void;

/** One more rule, with its words in every language. */
export function addRule(id: string, rule: string): EditPack {
  return (dir) => {
    appendFileSync(join(dir, 'de', 'blocking.cedar'), `\n@id("${id}")\n${rule}\n`);
    for (const name of readdirSync(join(dir, 'texts'))) {
      const file = join(dir, 'texts', name);
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), [id]: id }));
    }
  };
}

export interface PublishOptions {
  readonly version?: number;
  readonly signedBy?: string;
  readonly signoff?: Signoff;
}

/** The rules as they are shipped, changed, signed as the next version and laid where the nation's gate looks. */
export async function publishPack(
  home: NetworkHome,
  nation: string,
  edit: EditPack = () => undefined,
  { version, signedBy = nation, signoff }: PublishOptions = {},
): Promise<OpenedPack> {
  const dir = mkdtempSync(join(tmpdir(), 'entente-packs-'));
  try {
    cpSync(packsDir, dir, { recursive: true });
    edit(dir);
    return await buildPack({
      nation,
      packs: dir,
      signer: await loadSigner(paths.secret(home.dir, `agency.${signedBy.toLowerCase()}`, 'sign.key')),
      out: join(paths.packs(home.dir), packFile(nation)),
      ...(version === undefined ? {} : { version }),
      ...(signoff === undefined ? {} : { signoff }),
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The same, and waits until the running gate decides by it. */
export async function changePack(home: NetworkHome, nation: string, edit?: EditPack): Promise<OpenedPack> {
  const published = await publishPack(home, nation, edit);
  await adopted(home, nation, published);
  return published;
}

/** The last thing that a gate says of a pack is that it decides by it. */
export async function adopted(
  home: NetworkHome,
  nation: string,
  { pack, version }: OpenedPack,
): Promise<void> {
  await waitFor(`${nation} adopts version ${version}`, async () =>
    linesOf(home, nation).find(
      (line) => line.message === 'pack in use' && line.version === version && line.pack === pack.sha256,
    ),
  );
}

/** What a nation's gate has written to its log. */
export function linesOf(home: NetworkHome, nation: string): Record<string, unknown>[] {
  return logLines(home, `gate.${nation.toLowerCase()}`);
}
