import { mkdirSync } from 'node:fs';
import { readCase } from '../history/case-timeline.js';
import { chooseLogs } from '../history/log-source.js';
import { showProgress } from '../history/progress.js';
import { isThere } from '../read-named.js';
import { EdgeRefusal } from './ask-edge.js';
import type { EdgeClient } from './edge-client.js';
import { quarantinedOf } from './gate-quarantine.js';
import { type HeldBy, heldInFolder, holdInFolder } from './hold-in-folder.js';
import { type NationHome, type NetworkHome, paths } from './home.js';

/** A legal hold on one case that begins, or ends. */
export interface HoldOrder {
  readonly caseId: string;
  readonly begins: boolean;
  /** Where the decision can be found; no name. Empty: only of one that ends. */
  readonly reason: string;
  readonly by: HeldBy;
}

export interface HolderAnswer {
  /** `ledger of DE`, `gate of DE`, or a member. */
  readonly holder: string;
  /** `nothing`: it holds nothing of the case; `none`: there was no legal hold to end. */
  readonly state: 'laid' | 'already' | 'nothing' | 'ended' | 'none' | 'not-reached';
  readonly detail: string;
}

/**
 * Lays a legal hold at the ledger and the gate of a nation whose logs or whose gate's quarantine hold something of the case, or ends it there.
 * Where they cannot be read, or not all of them, it is laid: what is erased does not come back.
 */
export async function holdAtNation(
  { dir }: NetworkHome,
  { code }: NationHome,
  order: HoldOrder,
): Promise<HolderAnswer[]> {
  const ledger = paths.ledger(dir, code);
  const quarantine = paths.quarantine(dir, code);
  const mayHold = async () =>
    isHeldAt(ledger, order.caseId) ||
    mayHaveInQuarantine(quarantine, order.caseId) ||
    (await mayHave(dir, code, order.caseId));
  if (order.begins && !(await mayHold()))
    return [`ledger of ${code}`, `gate of ${code}`].map((holder) => ({
      holder,
      state: 'nothing' as const,
      detail: '',
    }));
  return [
    at(`ledger of ${code}`, () => holdAtFolder(ledger, order)),
    at(`gate of ${code}`, () => {
      // A gate that has never run has no folder yet.
      if (!order.begins && !isThere(quarantine)) return { state: 'none', detail: '' };
      mkdirSync(quarantine, { recursive: true, mode: 0o700 });
      return holdAtFolder(quarantine, order);
    }),
  ];
}

async function mayHave(home: string, nation: string, caseId: string): Promise<boolean> {
  try {
    const { entries, faults } = await readCase(chooseLogs({ home, nation }), caseId, showProgress(nation));
    return entries.length + faults.length > 0;
  } catch {
    return true;
  }
}

function mayHaveInQuarantine(folder: string, caseId: string): boolean {
  try {
    return quarantinedOf(folder, caseId).length > 0;
  } catch {
    return true;
  }
}

function isHeldAt(folder: string, caseId: string): boolean {
  try {
    return heldInFolder(folder).includes(caseId);
  } catch {
    return true;
  }
}

/** @throws UsageError */
export function holdAtFolder(
  folder: string,
  { caseId, begins, by }: HoldOrder,
): Omit<HolderAnswer, 'holder'> {
  const { isNew } = holdInFolder(folder, caseId, begins, by);
  if (begins) return { state: isNew ? 'laid' : 'already', detail: folder };
  return { state: isNew ? 'ended' : 'none', detail: folder };
}

function at(holder: string, lay: () => Omit<HolderAnswer, 'holder'>): HolderAnswer {
  try {
    return { holder, ...lay() };
  } catch (error) {
    return { holder, state: 'not-reached', detail: (error as Error).message };
  }
}

/** The same at the edge of a member. */
export async function holdAtEdge(
  holder: string,
  client: EdgeClient,
  { caseId, begins, reason, by }: HoldOrder,
): Promise<HolderAnswer> {
  try {
    if (!begins) {
      await client.endLegalHold(caseId, { ...(reason === '' ? {} : { reason }), ...by });
      return { holder, state: 'ended', detail: '' };
    }
    const hold = await client.beginLegalHold(caseId, { reason, ...by });
    return { holder, state: hold.is_new ? 'laid' : 'already', detail: `since ${hold.since}: ${hold.reason}` };
  } catch (error) {
    if (!(error instanceof EdgeRefusal)) throw error;
    if (error.status === 404) return { holder, state: begins ? 'nothing' : 'none', detail: '' };
    return { holder, state: 'not-reached', detail: error.message };
  }
}
