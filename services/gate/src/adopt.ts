import type { wire } from '@entente/contract';
import { bundleDirectory } from '@entente/members';
import type { OpenedPack } from '@entente/policy';
import { archive } from './archive.js';
import { append } from './ledger-client.js';
import type { GateDeps } from './state.js';

const ABOUT_NO_MESSAGE = { messageHash: new Uint8Array(), stage: '', step: '' };

/** What this gate works under becomes an entry before anything is decided under it. */
export async function adoptDirectory(gate: GateDeps): Promise<void> {
  const directory = gate.directory();
  const { sha256, versions } = directory;
  archive(gate.archiveDir, `${Buffer.from(sha256).toString('hex')}.directory`, bundleDirectory(directory));
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
