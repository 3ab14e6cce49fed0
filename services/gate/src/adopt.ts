import type { wire } from '@entente/contract';
import { bundleDirectory } from '@entente/members';
import type { OpenedPack } from '@entente/policy';
import { alarmOnChange } from '@entente/runtime';
import { archive } from './archive.js';
import { append } from './ledger-client.js';
import { perGate } from './per-gate.js';
import type { GateDeps } from './state.js';

const ABOUT_NO_MESSAGE = { messageHash: new Uint8Array(), stage: '', step: '' };

/** The digest of the directory that a gate has adopted last, in hex (empty: none yet), and whether the archive has taken the newest. */
const last = perGate(() => ({ directory: '', isArchived: true }));

/** Nothing passes before there is one, nor under one that cannot be adopted for want of room. What the log lacks is not its fault. */
export const hasAdopted = (gate: GateDeps): boolean => last(gate).directory !== '' && last(gate).isArchived;

const digestOf = (gate: GateDeps): string => Buffer.from(gate.directory().sha256).toString('hex');

const sayArchive = perGate(({ logger }: GateDeps) =>
  alarmOnChange(
    logger,
    'the archive takes no directory, so nothing passes under the newest one: make room, or give its folder to the user of this gate',
    'the archive takes the directory',
  ),
);

/**
 * A directory is adopted before a message is judged under it, or at the latest when the ledger refuses; call it after each look at the
 * folder. One whose adoption failed is adopted after the next look.
 * @throws as `append`
 */
export async function adoptIfNew(gate: GateDeps): Promise<void> {
  const directory = digestOf(gate);
  if (directory === last(gate).directory) {
    // It was kept when it was adopted; another one may have come and gone.
    last(gate).isArchived = sayArchive(gate)(true);
    return;
  }
  await adoptDirectory(gate);
  // Two looks at once may have come here.
  if (directory === last(gate).directory) return;
  last(gate).directory = directory;
  gate.logger.info({ directory }, 'directory adopted');
}

/** What this gate works under becomes an entry before anything is decided under it. */
export async function adoptDirectory(gate: GateDeps): Promise<void> {
  const directory = gate.directory();
  const { sha256, versions } = directory;
  try {
    archive(gate.archiveDir, `${Buffer.from(sha256).toString('hex')}.directory`, bundleDirectory(directory));
  } catch (error) {
    last(gate).isArchived = sayArchive(gate)(false);
    throw error;
  }
  last(gate).isArchived = sayArchive(gate)(true);
  const responsible = [...directory.nations.values()].map(({ part }) => ({ ...part, part: part.nation }));
  await append(gate, {
    ...ABOUT_NO_MESSAGE,
    event: 'adopt-directory',
    adoption: { sha256, versions },
    responsible: responsible.flatMap(responsibleOf),
  });
}

/** The entry repeats what the agency has signed, where that says something. */
function responsibleOf({ part, proposedBy, approvedBy }: wire.ResponsibleFrame): wire.ResponsibleFrame[] {
  return proposedBy === '' && approvedBy.length === 0 ? [] : [{ part, proposedBy, approvedBy }];
}

export async function adoptPack(gate: GateDeps, { pack, version, signoff }: OpenedPack): Promise<void> {
  const adoption = { sha256: Buffer.from(pack.sha256, 'hex'), versions: [{ part: 'pack', version }] };
  const responsible = responsibleOf({ part: 'pack', ...signoff });
  await append(gate, { ...ABOUT_NO_MESSAGE, event: 'adopt-pack', adoption, responsible });
}
