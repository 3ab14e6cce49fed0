import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  agencyKeysOf,
  type Directory,
  loadAnchors,
  loadDirectory,
  openPack,
  packFile,
} from '@entente/members';
import { openBundle } from '@entente/policy';
import { checkOwnKeys } from './check-own-keys.js';
import type { Report } from './finding.js';

const DAY_MS = 86_400_000;
/** Time enough for an agency to sign a new part, and for whoever has to ask it. */
const PART_SOON_MS = 14 * DAY_MS;

/** Who is who as this service sees it: whether it can be believed, how long, and whether this service's own keys stand in it. */
export async function checkDirectory(
  settings: Readonly<Record<string, string>>,
  nowMs: number,
  report: Report,
): Promise<void> {
  const { DIRECTORY_DIR: dir, ANCHORS_FILE: anchorsFile } = settings;
  if (dir === undefined || anchorsFile === undefined) return;
  try {
    const { directory, faults } = await loadDirectory(dir, await loadAnchors(anchorsFile), { nowMs });
    for (const { message } of faults) report('directory', 'bad', message);
    if (faults.length === 0) report('directory', 'ok', `${directory.nations.size} nations`);
    checkParts(directory, nowMs, report);
    await checkOwnKeys(settings, directory, nowMs, report);
    await checkPack(settings, directory, nowMs, report);
  } catch (error) {
    report('directory', 'bad', (error as Error).message);
  }
}

function checkParts({ nations }: Directory, nowMs: number, report: Report): void {
  for (const [nation, { part }] of nations) {
    const leftMs = part.validUntilMs - nowMs;
    if (leftMs < PART_SOON_MS)
      report(
        `part of ${nation}`,
        leftMs <= 0 ? 'bad' : 'warning',
        `ends in ${Math.floor(leftMs / DAY_MS)} days: its agency has to sign a new one`,
      );
  }
}

async function checkPack(
  { PACKS_DIR: dir, NATION: nation = '' }: Readonly<Record<string, string>>,
  directory: Directory,
  nowMs: number,
  report: Report,
): Promise<void> {
  if (dir === undefined) return;
  try {
    const keys = await agencyKeysOf(directory, nation, nowMs);
    const { bundle } = await openPack(readFileSync(join(dir, packFile(nation))), nation, keys);
    const { pack, version } = openBundle(bundle, nation);
    report('pack', 'ok', `version ${version}, ${pack.rules.size} rules`);
  } catch (error) {
    report('pack', 'bad', (error as Error).message);
  }
}
