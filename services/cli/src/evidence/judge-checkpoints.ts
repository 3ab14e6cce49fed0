import type { X509Certificate } from 'node:crypto';
import {
  AuditError,
  type Checkpoint,
  type Cosignature,
  checkStampTrust,
  type DirectoryWitness,
  isLogOf,
  isSameWitness,
  meetsQuorum,
  openCheckpoint,
  openTimeStamp,
  parseCheckpoint,
  parseNote,
  parseVkey,
  readCosignatures,
  type VerifiedEntry,
  verifyConsistency,
  type WitnessPolicy,
  witnessesOf,
} from '@entente/audit';
import { LIMITS, type wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { check, type Finding } from './finding.js';

/** Whom the reader of a file trusts beside the anchors. */
export interface Beside {
  /** Whose cosignatures are asked for; without it those of the directory's witnesses are told, and none is needed. */
  readonly policy?: WitnessPolicy;
  /** Whose time stamps are believed; without it their time is told, and that nobody here vouches for it. */
  readonly tsaRoots?: readonly X509Certificate[];
  /** What was said later than now does not count. */
  readonly nowMs?: number;
}

/** A proved entry, as far as a later checkpoint is about it. */
export type CoveredEntry = Pick<VerifiedEntry, 'origin' | 'size' | 'root' | 'leaf'>;

type Later = wire.EvidenceFileFrame['checkpoints'][number];

/** More would only be work for whoever checks: one of now and one with a time stamp for each log are enough. */
export const MOST_CHECKPOINTS = 16;

/**
 * What others than a ledger have said of its log since it proved the entries of a file: witnesses that cosigned a later checkpoint, and
 * authorities that stamped it. Whoever made the file chooses which checkpoints stand in it; none of them can be made up.
 */
export async function judgeCheckpoints(
  checkpoints: readonly Later[],
  directory: Directory,
  entries: readonly CoveredEntry[],
  beside: Beside,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const opened: OpenedLater[] = [];
  for (const later of checkpoints) {
    const one = await openLater(later, directory, entries, beside, findings);
    if (one) opened.push(one);
  }
  return [...findings, ...askQuorum(beside.policy, directory, entries, opened)];
}

interface OpenedLater extends Checkpoint {
  readonly cosignatures: readonly Cosignature[];
  readonly covered: readonly CoveredEntry[];
}

async function openLater(
  { note, stamps, continues }: Later,
  directory: Directory,
  entries: readonly CoveredEntry[],
  beside: Beside,
  findings: Finding[],
): Promise<OpenedLater | undefined> {
  const checkpoint = await check(findings, 'a later checkpoint', () => openNoteOf(note, directory));
  if (!checkpoint) return undefined;
  const { origin, size } = checkpoint;
  const name = `the checkpoint of ${size} entries of ${origin}`;
  const covered = await check(findings, name, () =>
    entries.filter((entry) => entry.origin === origin && isContinued(entry, checkpoint, continues)),
  );
  if (!covered) return undefined;
  const known = knownWitnesses(directory, beside);
  const cosignatures = await check(findings, name, () => openCosignatures(note, known, covered, beside));
  if (!cosignatures) return undefined;
  findings.push(...cosignedWords(name, known, cosignatures, covered));
  for (const stamp of stamps) {
    const words = await check(findings, name, () => stampWords(name, stamp, note, covered, beside));
    if (words) findings.push(words);
  }
  return { ...checkpoint, cosignatures, covered };
}

/** @throws AuditError `checkpoint-wrong-origin`, those of `openCheckpoint` */
function openNoteOf(note: Uint8Array, directory: Directory): Checkpoint {
  const { origin } = parseCheckpoint(parseNote(note).text);
  const ledger = ledgerOf(directory, origin);
  if (!ledger)
    throw new AuditError('checkpoint-wrong-origin', 'It is of a log that the directory does not name.');
  return openCheckpoint(note, parseVkey(ledger.vkey), origin);
}

function ledgerOf(directory: Directory, origin: string) {
  return [...directory.nations.keys()]
    .map((nation) => directory.ledger(nation, origin))
    .find((found) => found !== undefined);
}

/**
 * Whether the log that proved the entry is the beginning of the later one.
 * @throws AuditError `consistency-invalid` if what the file gives for it proves otherwise
 */
function isContinued(entry: CoveredEntry, later: Checkpoint, continues: Later['continues']): boolean {
  if (entry.size > later.size) return false;
  const proof = entry.size === later.size ? [] : continues.find(({ size }) => size === entry.size)?.hashes;
  if (!proof) return false;
  const { size: oldSize, root: oldRoot } = entry;
  verifyConsistency({ oldSize, oldRoot, size: later.size, root: later.root, proof });
  return true;
}

/** A witness of the policy that the directory names as well is one. */
function knownWitnesses(directory: Directory, { policy }: Beside): readonly DirectoryWitness[] {
  const named = witnessesOf([...directory.nations.values()].map(({ part }) => part));
  const others = (policy?.witnesses ?? []).filter(
    ({ key }) => !named.some((witness) => witness.key.name === key.name && isSameWitness(witness.key, key)),
  );
  const always = { nation: '', url: '', validFromMs: 0, validUntilMs: Number.MAX_SAFE_INTEGER };
  return [...named, ...others.map(({ name, key }) => ({ ...always, name, key }))];
}

/** @throws AuditError `cosignature-invalid`, `time-wrong` */
function openCosignatures(
  note: Uint8Array,
  known: readonly DirectoryWitness[],
  covered: readonly CoveredEntry[],
  beside: Beside,
): Cosignature[] {
  const found = readCosignatures(
    note,
    known.map(({ key }) => key),
  );
  for (const { witness, timeMs } of found)
    checkTime(`the cosignature of ${witness.name}`, timeMs, covered, beside);
  return found.filter(({ witness, timeMs }) => {
    const named = known.find(({ key }) => key === witness);
    return named !== undefined && named.validFromMs <= timeMs && timeMs < named.validUntilMs;
  });
}

/** Nobody can have seen an entry before it was logged, nor after now. */
function checkTime(what: string, timeMs: number, covered: readonly CoveredEntry[], { nowMs }: Beside): void {
  const newest = Math.max(0, ...covered.map(({ leaf }) => leaf.timeMs));
  if (timeMs + LIMITS.skewMs < newest || (nowMs !== undefined && timeMs > nowMs + LIMITS.skewMs))
    throw new AuditError('time-wrong', `${what} is of a time at which it cannot have been given`);
}

function cosignedWords(
  name: string,
  known: readonly DirectoryWitness[],
  cosignatures: readonly Cosignature[],
  covered: readonly CoveredEntry[],
): Finding[] {
  if (cosignatures.length === 0)
    return [{ code: 'note', words: `${name}: no known witness has cosigned it.` }];
  const by = cosignatures.map(({ witness, timeMs }) => {
    const nation = known.find(({ key }) => key === witness)?.nation;
    return `${witness.name}${nation ? ` (${nation})` : ''} at ${new Date(timeMs).toISOString()}`;
  });
  const words = `${name}, which continues the log of ${covered.length} entries of this file, is cosigned by ${by.join(', ')}: each saw one history only.`;
  return [{ code: covered.length > 0 ? 'holds' : 'note', words }];
}

/** @throws AuditError those of `openTimeStamp` and `checkStampTrust` */
function stampWords(
  name: string,
  stamp: Uint8Array,
  note: Uint8Array,
  covered: readonly CoveredEntry[],
  beside: Beside,
): Finding {
  const opened = openTimeStamp(stamp, note);
  const { timeMs, authority } = opened;
  checkTime(`the time stamp of ${authority}`, timeMs, covered, beside);
  const said = `${name}, with ${covered.length} entries of this file, was there at ${new Date(timeMs).toISOString()}, says the time stamp of "${authority}"`;
  if (!beside.tsaRoots)
    return {
      code: 'note',
      words: `${said}; whether to believe it, say with the certificates of trusted authorities.`,
    };
  checkStampTrust(opened, beside.tsaRoots);
  return { code: 'holds', words: `${said}, which is trusted here.` };
}

function askQuorum(
  policy: WitnessPolicy | undefined,
  directory: Directory,
  entries: readonly CoveredEntry[],
  opened: readonly OpenedLater[],
): Finding[] {
  if (!policy) return [];
  return [...new Set(entries.map(({ origin }) => origin))].flatMap((origin) => {
    const own = entries.filter((entry) => entry.origin === origin);
    const ledger = ledgerOf(directory, origin);
    if (!ledger || !isLogOf(policy, parseVkey(ledger.vkey)))
      return [{ code: 'log-not-in-policy', words: `${origin}: the witness policy does not name it.` }];
    const enough = opened.filter(({ cosignatures }) =>
      meetsQuorum(
        policy,
        cosignatures.map(({ witness }) => witness),
      ),
    );
    const left = own.filter((entry) => !enough.some(({ covered }) => covered.includes(entry)));
    if (left.length === 0)
      return [
        {
          code: 'holds',
          words: `${origin}: all entries of this file are cosigned as the witness policy asks.`,
        },
      ];
    const words = `${origin}: ${left.length} of ${own.length} entries are not cosigned as the witness policy asks.`;
    return [{ code: 'quorum-missing', words }];
  });
}
