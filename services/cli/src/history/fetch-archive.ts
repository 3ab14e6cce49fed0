import { join } from 'node:path';
import type { LogFiles } from '@entente/audit';
import { LIMITS, type wire } from '@entente/contract';
import { writeWhole } from '@entente/runtime';
import { adoptedFile } from './adopted-file.js';
import { hex } from './hex.js';

/** Of so many files a lying ledger may make this machine's disk full; those beyond are missing, and the findings say so. */
const MOST_FILES = 2000;
const MOST_BYTES = 1024 * 1024 * 1024;

/**
 * Fetches the pack and the directory that a record names, once each, into a folder; without one nothing is fetched. Names are made of
 * hashes, so a ledger can name no other file; what lies in one is checked against its name by whoever opens it.
 */
export function archiveFetcher(dir: string | undefined, files: LogFiles) {
  const asked = new Set<string>();
  let left = MOST_BYTES;
  const fetchFile = async (into: string, name: string): Promise<void> => {
    asked.add(name);
    const maxBytes = name.endsWith('.pack') ? LIMITS.directoryPart : LIMITS.directory;
    const bytes = await files.read(`archive/${name}`, Math.min(maxBytes, left));
    if (typeof bytes === 'string') return;
    left -= bytes.length;
    writeWhole(join(into, name), bytes, { isFlushed: false });
  };
  /** @returns undefined where there is nothing to wait for, which is nearly always */
  return (record: wire.RecordFrame): Promise<void> | undefined => {
    if (dir === undefined || asked.size >= MOST_FILES) return undefined;
    const { packSha256, directorySha256 } = record;
    const wanted = [
      `${hex(packSha256)}.pack`,
      `${hex(directorySha256)}.directory`,
      ...(record.adoption ? [adoptedFile(record)] : []),
      // As its agency has signed it last.
      ...(record.event === 'adopt-pack' ? [`${hex(record.adoption?.sha256)}.pack`] : []),
    ];
    const missing = wanted.filter((name) => NAME.test(name) && !asked.has(name));
    if (missing.length === 0) return undefined;
    return Promise.all(missing.map((name) => fetchFile(dir, name))).then(() => undefined);
  };
}

const NAME = /^[0-9a-f]{64}\.(?:(?:[1-9][0-9]{0,9}\.)?pack|directory)$/;
