import { loadAnchors } from '@entente/members';
import { isAboutMessage } from './about-message.js';
import { createFaultList, mergeFaults } from './fault-list.js';
import { directoryFinder } from './find-directory.js';
import { packFinder } from './find-pack.js';
import { judgeRecord } from './judge-record.js';
import type { LogSource } from './log-source.js';
import { type LogFault, type LoggedEntry, type OnProgress, type ReadLog, readLog } from './read-log.js';
import { createReplayer, type Decided } from './replayer.js';
import { createAdoptions, isAdoption } from './take-adoptions.js';
import { sayerless } from './words-of-members.js';

export interface Replay extends Omit<ReadLog, 'faults'>, Omit<Decided, 'words'> {
  readonly nation: string;
  /** Whether it was asked if their agencies have signed the packs, which takes trust anchors; what is wrong stands in the faults. */
  readonly signersAsked: boolean;
}

/**
 * Decides every logged crossing again, with the pack of that day and from the record alone: an entry that its pack would not
 * give is a fault. Where there are trust anchors, so is a pack that its agency has not signed. Signatures of seals are not checked here: so
 * nothing that is found is a member's word.
 */
export async function replayLog(source: LogSource, onProgress?: OnProgress): Promise<Replay> {
  const replayer = createReplayer(source);
  const findPack = packFinder(source.nation, source.archive);
  const found = createFaultList();
  const adoptions = source.anchors === null ? undefined : adoptionsOf(source, source.anchors, found.add);
  const visit = (entry: LoggedEntry): void | Promise<void> => {
    replayer.visit(entry);
    const { index, leaf, record } = entry;
    if (!record) return;
    if (isAdoption(record)) return adoptions?.take(index, leaf.timeMs, record);
    if (isAboutMessage(record)) adoptions?.check(index, record);
    found.add(...judgeRecord(findPack, index, leaf.timeMs, record));
  };
  const read = await readLog(source, visit, { onProgress });
  const { faults, words, ...decided } = replayer.result();
  return {
    ...read,
    ...decided,
    nation: source.nation,
    signersAsked: adoptions !== undefined,
    faults: mergeFaults(read.faults, faults, found.list(), words.map(sayerless)),
  };
}

function adoptionsOf(
  { archive }: LogSource,
  anchors: string,
  report: (...faults: readonly LogFault[]) => void,
) {
  const findDirectory = loadAnchors(anchors).then((loaded) => directoryFinder(archive, loaded));
  // Whoever asks first is told why.
  findDirectory.catch(() => undefined);
  return createAdoptions({ archive, findDirectory, report });
}
