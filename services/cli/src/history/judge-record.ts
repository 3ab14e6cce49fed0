import type { wire } from '@entente/contract';
import { messageHash, readUnverifiedHeader, type Sealed } from '@entente/seal';
import { isAboutMessage } from './about-message.js';
import { checkRecord } from './check-record.js';
import { decideAgain } from './decide-again.js';
import type { packFinder } from './find-pack.js';
import type { LogFault } from './read-log.js';

/**
 * What speaks against one entry by itself: its record, and its verdict under the pack that it names. Needs no other entry.
 * @param opened the record's seal, where it was opened already
 */
export function judgeRecord(
  findPack: ReturnType<typeof packFinder>,
  index: number,
  timeMs: number,
  record: wire.RecordFrame,
  opened?: Pick<Sealed, 'header' | 'messageHash'>,
): LogFault[] {
  if (!isAboutMessage(record)) return [];
  try {
    const { header, messageHash: hash } = opened ?? {
      header: readUnverifiedHeader(record.seal),
      messageHash: messageHash(record.seal),
    };
    const faults = checkRecord(index, timeMs, record, header, hash);
    const differs = record.event === 'crossing' ? decideAgain(findPack, record, header) : undefined;
    return differs ? [...faults, { index, ...differs }] : faults;
  } catch (error) {
    return [{ index, code: 'record-unreadable', detail: (error as Error).message }];
  }
}
