import { parseVkey, verifyEntry, verifyLog } from '@entente/audit';
import { nationOf, SYSTEM, wire } from '@entente/contract';
import { type Directory, loadAnchors, loadDirectory } from '@entente/members';
import { messageHash } from '@entente/seal';
import { chooseLogs, imageOf } from '../history/log-source.js';
import { edgeClient } from '../network/edge-client.js';
import { type NetworkHome, paths } from '../network/home.js';
import type { SentReport } from './send-reports.js';

export interface LedgerReport {
  readonly nation: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly verified: boolean;
  readonly faults: readonly string[];
}

/** Verifies every log of every nation from its files alone. */
export async function verifyLedgers(home: NetworkHome): Promise<LedgerReport[]> {
  return await Promise.all(
    chooseLogs({ home: home.dir }).map(async (source) => {
      const key = parseVkey(source.vkey);
      const { size, root, faults } = await verifyLog(imageOf(source), { key, origin: key.name });
      const names = faults.map((fault) => `${fault.code} ${fault.path}`);
      return {
        nation: source.nation,
        size,
        root: Buffer.from(root).toString('hex'),
        verified: faults.length === 0,
        faults: names,
      };
    }),
  );
}

export async function openDirectory(home: NetworkHome): Promise<Directory> {
  const { directory } = await loadDirectory(
    paths.directory(home.dir),
    await loadAnchors(paths.anchors(home.dir)),
    { nowMs: Date.now() },
  );
  return directory;
}

/** Nobody looks at what is checked here. */
const CHECK = { actor: SYSTEM };

/**
 * Checks every proof of a delivered report, as an auditor would: against the directory, not against what the edges say.
 * @returns how many proofs hold; throws if one that the way needs is missing or does not hold
 */
export async function verifyDelivered(
  home: NetworkHome,
  directory: Directory,
  sent: SentReport,
): Promise<number> {
  const { from, to } = sent.report;
  const [origin, destination] = [nationOf(from), nationOf(to)];
  const received = (await edgeClient(home, to, CHECK).case(sent.caseId)).received.find(
    ({ id }) => id === sent.id,
  );
  if (!received) throw new Error(`${to} does not have message ${sent.id}`);
  const hash = Buffer.from(received.message_hash, 'hex');
  const there = wayOf(origin, destination);
  const passage = wire.passage.decode(Buffer.from(received.proof, 'base64'));
  checkHash(passage.envelope?.seal, hash);
  const ways = [
    { entries: passage.proofs, way: there, hash },
    ...sent.evidence
      .filter(({ evidence }) => evidence.endsWith('-accepted'))
      .map((piece) => ({
        entries: [wire.entry.decode(Buffer.from(piece.proof, 'base64'))],
        way: there.filter(([, stage]) => (piece.evidence === 'relay-accepted') === (stage === 'enter')),
        hash,
      })),
    deliveredWay(sent, wayOf(destination, origin)),
  ];
  const expected = 2 * there.length + there.length;
  const counted = ways
    .map(({ entries, way, hash: about }) => checkEntries(directory, entries, way, about))
    .reduce((a, b) => a + b, 0);
  if (counted !== expected) throw new Error(`${sent.id}: ${counted} proofs hold, its way needs ${expected}`);
  return counted;
}

type Way = readonly (readonly [nation: string, stage: string])[];

function wayOf(from: string, to: string): Way {
  return from === to
    ? [[from, 'inside']]
    : [
        [from, 'leave'],
        [to, 'enter'],
      ];
}

/** The sealed evidence of delivery has crossed two gates itself. */
function deliveredWay(sent: SentReport, way: Way) {
  const piece = sent.evidence.find(({ evidence }) => evidence === 'delivered');
  if (!piece) throw new Error(`${sent.id} is delivered, but there is no evidence that says so`);
  const { envelope, proofs } = wire.passage.decode(Buffer.from(piece.proof, 'base64'));
  return { entries: proofs, way, hash: Buffer.from(messageHash(envelope?.seal ?? new Uint8Array())) };
}

function checkEntries(
  directory: Directory,
  entries: readonly wire.EntryFrame[],
  way: Way,
  hash: Uint8Array,
): number {
  for (const [i, [nation, stage]] of way.entries()) {
    const entry = entries[i];
    if (!entry) throw new Error(`the proof of ${nation} is missing`);
    const { record } = verifyEntry(entry, (origin) => directory.ledger(nation, origin));
    const holds =
      record.stage === stage &&
      record.verdict?.decision === 'permit' &&
      Buffer.from(record.messageHash).equals(hash);
    if (!holds) throw new Error(`the proof of ${nation} is for something else`);
  }
  return way.length;
}

function checkHash(seal: Uint8Array | undefined, hash: Uint8Array): void {
  if (!seal || !Buffer.from(messageHash(seal)).equals(hash))
    throw new Error('the message kept is not the message named');
}
