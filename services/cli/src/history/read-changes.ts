import type { wire } from '@entente/contract';
import { counted } from '../print.js';
import { isAboutMessage } from './about-message.js';
import { hex } from './hex.js';
import type { LogSource } from './log-source.js';
import { type LogFault, type LoggedEntry, type OnProgress, readLog } from './read-log.js';
import { readSigned, sameSignoffs } from './signed-changes.js';
import { isAdoption } from './take-adoptions.js';

/** What was changed in how a nation runs its gate and its log, or who has read it: with who wanted it and who agreed. */
export interface Change {
  readonly index: number;
  readonly at: string;
  readonly event: string;
  /** In short: which pack, which entries, which setting. */
  readonly what: string;
  readonly responsible: readonly wire.ResponsibleFrame[];
}

/** All entries of a log that are about no message, in their order. */
export async function readChanges(
  source: LogSource,
  onProgress?: OnProgress,
): Promise<{ readonly changes: readonly Change[]; readonly faults: readonly LogFault[] }> {
  const changes: Change[] = [];
  const differ: LogFault[] = [];
  const visit = ({ index, leaf, record: logged }: LoggedEntry) => {
    if (!logged || isAboutMessage(logged)) return;
    const record = ownOf(logged);
    const { event } = record;
    const at = new Date(leaf.timeMs).toISOString();
    const signed = record.adoption ? readSigned(source.archive, record) : null;
    if (signed && !sameSignoffs(signed, record.responsible))
      differ.push({
        index,
        code: 'signoff-differs',
        detail: 'who wanted and approved it is not what its agency has signed',
      });
    changes.push({ index, at, event, what: whatOf(record), responsible: responsibleOf(record) });
  };
  const { faults } = await readLog(source, visit, { onProgress });
  return { changes, faults: [...faults, ...differ] };
}

/** An entry is what its event says: what else a log writes into it hides nothing of that. */
function ownOf(record: wire.RecordFrame): wire.RecordFrame {
  const adoption = isAdoption(record) ? record.adoption : null;
  const erasure = ERASES.includes(record.event) ? record.erasure : null;
  const succession = SUCCEEDS.includes(record.event) ? record.succession : null;
  const past = record.event === 'log-deleted' ? record.past : null;
  return { ...record, adoption, erasure, succession, past };
}

const ERASES: readonly string[] = ['erasure', 'quarantine-end'];
const SUCCEEDS: readonly string[] = ['log-opened', 'log-closed'];

function whatOf({ event, adoption, erasure, administration, succession, past }: wire.RecordFrame): string {
  if (adoption) {
    const versions = adoption.versions.map(({ part, version }) => `${part} ${version}`).join(', ');
    return `${versions} (${hex(adoption.sha256).slice(0, 16)}…)`;
  }
  if (erasure) {
    const { indices, reason, reference } = erasure;
    if (event === 'quarantine-end') return `a message in quarantine: ${reason}, ${reference}`;
    return `${counted(indices.length, 'entry', 'entries')} from ${indices[0] ?? 0}: ${reason}, ${reference}`;
  }
  if (succession) {
    const { origin, reason } = succession;
    return event === 'log-closed' ? `goes on as ${origin}: ${reason}` : `goes on from ${origin}: ${reason}`;
  }
  if (past) return `${past.origin}, for its time was over`;
  return administration ? whatWasDone(administration) : '';
}

function whatWasDone(done: wire.AdministrationFrame): string {
  const { subject, before, after, logBefore, logAfter, added, removed } = done;
  const { reader, bundles, firstBundle, lastBundle } = done;
  if (subject === 'read')
    return `${reader} has read ${counted(bundles, 'bundle')} of entries, from ${firstBundle} to ${lastBundle}`;
  const named = [...added.map((id) => `+${id}`), ...removed.map((id) => `-${id}`)].join(' ');
  const logs = logAfter === '' ? '' : `, of whole logs ${logBefore || 'nothing'} → ${logAfter}`;
  return `${subject}: ${before || 'nothing'} → ${after}${logs} ${named}`.trim();
}

function responsibleOf(record: wire.RecordFrame): wire.ResponsibleFrame[] {
  const { responsible, erasure, administration, succession } = record;
  const own = erasure ?? administration ?? succession;
  if (!own || (own.proposedBy === '' && own.approvedBy.length === 0)) return [...responsible];
  return [{ part: '', proposedBy: own.proposedBy, approvedBy: own.approvedBy }];
}
