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
import { loadDecrypter, loadSigner } from '@entente/seal';
import type { Report } from './finding.js';

const DAY_MS = 86_400_000;
/** Time enough for an agency to sign a new part, and for whoever has to ask it. */
const PART_SOON_MS = 14 * DAY_MS;
const KEY_SOON_MS = 30 * DAY_MS;

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

async function checkOwnKeys(
  settings: Readonly<Record<string, string>>,
  { nations }: Directory,
  nowMs: number,
  report: Report,
): Promise<void> {
  const nation = settings.NATION ?? settings.MEMBER?.slice(-2).toUpperCase() ?? '';
  const part = nations.get(nation)?.part;
  if (!part) return report('own nation', 'bad', `the directory has no valid part of ${nation}`);
  const stated = [
    ...(part.gate?.keys ?? []),
    ...part.members.flatMap(({ id, keys }) => (id === settings.MEMBER ? keys : [])),
  ];
  const kids = [
    ...(await kidsOf(settings.SIGN_KEY_FILE, loadSigner)),
    ...(await kidsOf(
      settings.DECRYPT_KEY_FILE ?? (settings.CROSS_NKEY_FILE && settings.KEY_FILE),
      loadDecrypter,
    )),
  ];
  for (const kid of kids) {
    const key = stated.find((one) => one.kid === kid);
    const what = `key ${kid.slice(0, 8)}…`;
    if (!key) report(what, 'bad', 'it is not in the directory: send its public half to the agency');
    else if (key.revokedAtMs !== 0) report(what, 'bad', 'it is revoked');
    else if (key.validUntilMs - nowMs < KEY_SOON_MS)
      report(
        what,
        key.validUntilMs <= nowMs ? 'bad' : 'warning',
        `valid until ${new Date(key.validUntilMs).toISOString().slice(0, 10)}`,
      );
    else report(what, 'ok');
  }
}

async function kidsOf(
  paths: string | undefined,
  load: (path: string) => Promise<{ readonly kid: string }>,
): Promise<string[]> {
  if (paths === undefined || paths === '') return [];
  return (await Promise.all(paths.split(':').map(load))).map(({ kid }) => kid);
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
