import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  isCaseName,
  isOrderReason,
  isReference,
  NO_SIGNOFF,
  readSignoff,
  type Signoff,
} from '@entente/contract';
import { type OperatorFile, readOperatorFile } from '@entente/runtime';

/** That messages in quarantine go, by decision of a person: those named, or all of a case. */
export interface DropOrder {
  /** Names that they have in the folder. */
  readonly messages: readonly string[];
  readonly caseId: string | undefined;
  readonly reason: string;
  /** Where the decision can be found; no name. */
  readonly reference: string;
  readonly signoff: Signoff;
}

/** A file in the folder `erase` of the quarantine: written by an operator. */
export interface DropOrderFile {
  readonly name: string;
  readonly text: string;
  /** In words, what is wrong with it, if it is none. */
  readonly order: DropOrder | string;
  /** Keeps the file, under a name that says what became of it. Another gate with the same folder may have done so. @throws what the file system throws */
  readonly done: (outcome: 'done' | 'refused') => void;
}

/** In one turn: for each, all that is in quarantine may have to be read. */
const MOST_ORDERS = 4;
const MOST_MESSAGES = 1000;
const NAME = /^[0-9a-f]{32}$/;

/**
 * The first of those that are there; one that cannot be read holds up no other.
 * @param isLast whether it has failed before: it comes after all that have not
 * @throws Error if the folder is there and cannot be read
 */
export function readDropOrders(
  quarantineDir: string,
  isLast: (name: string) => boolean = () => false,
): DropOrderFile[] {
  const folder = join(quarantineDir, 'erase');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names
    .sort((a, b) => Number(isLast(a)) - Number(isLast(b)) || (a < b ? -1 : 1))
    .slice(0, MOST_ORDERS)
    .flatMap((name) => {
      const path = join(folder, name);
      const file = readOperatorFile(path);
      const done = (outcome: string) => unlessGone(() => renameSync(path, `${path}.${outcome}`));
      if (file === undefined) return [];
      return typeof file === 'string'
        ? [{ name, text: '', order: file, done }]
        : [{ name, text: file.text, order: readOrder(file.value), done }];
    });
}

function unlessGone<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readOrder(value: OperatorFile['value']): DropOrder | string {
  const { messages = [], case: caseId, reason, reference } = value;
  if (!isListOf(messages, (one) => NAME.test(one)) || messages.length > MOST_MESSAGES)
    return `its messages are not up to ${MOST_MESSAGES} names of 32 hex digits`;
  if (caseId !== undefined && !isCaseName(caseId)) return 'its case is no name of a case';
  if ((messages.length === 0) === (caseId === undefined)) return 'it names messages or a case, and not both';
  if (!isOrderReason(reason)) return 'its reason is none of those for which a person has something erased';
  if (!isReference(reference)) return 'it does not say on one line where the decision can be found';
  const signoff = readSignoff(value);
  if (!signoff) return NO_SIGNOFF;
  // INVARIANT: what a person has erased at a gate names whose wish it was: the log of the nation keeps that for good.
  if (signoff.proposedBy === '') return 'it does not say who wanted it, in proposed_by';
  return { messages, caseId, reason, reference, signoff };
}

function isListOf(value: unknown, isOne: (one: string) => boolean): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && isOne(one));
}
