import { type Directory, loadAnchors, loadDirectory } from '@entente/members';
import { currentLog } from '../history/current-log.js';
import { orderInWords, readPendingOrder } from '../history/pending-order.js';
import type { Report } from './finding.js';

const SOON_MS = 14 * 86_400_000;
/** A ledger takes an order within seconds, once a gate has said the time. */
const LATE_MS = 60_000;

/** Settings of a service that reads the directory. */
export interface DirectoryPlace {
  readonly DIRECTORY_DIR?: string;
  readonly ANCHORS_FILE?: string;
}

/**
 * Whether the directory has a row for the log that a ledger writes, and for the one that it is ordered to go on with: without one no
 * proof counts, and all messages of the nation wait. A ledger itself reads no directory.
 */
export async function checkLogRow(
  { ORIGIN: first, DATA_DIR: dataDir, NATION: nation = '' }: Readonly<Record<string, string>>,
  { DIRECTORY_DIR: dir, ANCHORS_FILE: anchors }: DirectoryPlace,
  nowMs: number,
  report: Report,
): Promise<void> {
  if (first === undefined || dataDir === undefined) return;
  if (dir === undefined || anchors === undefined)
    return report('row of the log', 'warning', "not looked at: name the gate's settings beside these");
  try {
    const { directory } = await loadDirectory(dir, await loadAnchors(anchors), { nowMs });
    checkRow(directory, nation, currentLog(dataDir) ?? first, nowMs, report);
    checkOrder(directory, nation, dataDir, nowMs, report);
  } catch (error) {
    report('row of the log', 'bad', (error as Error).message);
  }
}

function checkRow(directory: Directory, nation: string, origin: string, nowMs: number, report: Report): void {
  const what = 'row of the log';
  const row = directory.ledger(nation, origin);
  const day = (ms: number) => new Date(ms).toISOString();
  if (!row)
    report(what, 'bad', `the directory has none for ${origin}: nothing passes until the agency signs one`);
  else if (nowMs < row.validFromMs)
    report(what, 'bad', `${origin} is in the directory from ${day(row.validFromMs)} on only`);
  else if (nowMs >= row.validUntilMs)
    report(what, 'bad', `the time of ${origin} in the directory ended at ${day(row.validUntilMs)}`);
  else if (row.validUntilMs - nowMs < SOON_MS)
    report(what, 'warning', `the time of ${origin} in the directory ends at ${day(row.validUntilMs)}`);
  else report(what, 'ok', origin);
}

function checkOrder(
  directory: Directory,
  nation: string,
  dataDir: string,
  nowMs: number,
  report: Report,
): void {
  const what = 'next log';
  const order = readPendingOrder(dataDir);
  if (!order) return;
  const words = orderInWords(order);
  const row = directory.ledger(nation, order.origin);
  const isNear = order.fromMs - nowMs < SOON_MS;
  if (Number.isNaN(order.fromMs)) report(what, 'bad', 'its order cannot be read');
  else if (!row)
    report(
      what,
      isNear ? 'bad' : 'warning',
      `${words}: the directory has no row for it yet, sign one before`,
    );
  else if (row.validFromMs > order.fromMs || row.validUntilMs <= order.fromMs)
    report(what, 'bad', `${words}: its row in the directory is for another time`);
  else if (nowMs - order.fromMs > LATE_MS)
    report(what, 'bad', `${words}: its ledger has not taken this order, and says in its log why`);
  else report(what, 'ok', words);
}
