import { resolve } from 'node:path';
import type { Command } from 'commander';
import { checkQuarantine } from '../network/check-folder.js';
import { findMember, paths, readHome } from '../network/home.js';
import { isThere } from '../read-named.js';
import { UsageError } from '../usage.js';
import type { HomeOptions } from './options.js';

/** Whose quarantine: one of the three. */
export interface QuarantineChoice extends HomeOptions {
  readonly folder?: string;
  readonly nation?: string;
  readonly member?: string;
}

export function addFolder(command: Command): Command {
  return command
    .option('--folder <dir>', "the service's own: QUARANTINE_DIR of a gate, quarantine in an edge's DATA_DIR")
    .option('--nation <code>', 'of a network of "entente up": that of the gate')
    .option('--member <id>', 'of a network of "entente up": that of the edge');
}

/** @throws UsageError unless one is named that is there */
export function folderOf({ folder, nation, member, home }: QuarantineChoice): string {
  if ([folder, nation, member].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Name one of --folder, --nation and --member.');
  if (folder !== undefined) {
    if (!isThere(resolve(folder)))
      throw new UsageError(`There is no folder ${folder}; the first message makes it.`);
    checkQuarantine(resolve(folder));
    return resolve(folder);
  }
  const known = readHome(resolve(home));
  if (member !== undefined) return paths.edgeQuarantine(known.dir, findMember(known, member).id);
  const found = known.nations.find(({ code }) => code === nation?.toUpperCase());
  if (!found) throw new UsageError(`There is no nation ${nation} in this network.`);
  return paths.quarantine(known.dir, found.code);
}
