import { AuditError, isPassage, type VerifiedEntry, verifyEntry } from '@entente/audit';
import {
  acceptedSchema,
  checkFacts,
  computeFacts,
  nationOf,
  parseSealedContent,
  Rejection,
  sameFacts,
  schemaNameOf,
  type wire,
} from '@entente/contract';
import type { Directory } from '@entente/members';
import { checkForm, commitmentOf, messageHash, openSeal } from '@entente/seal';
import { check, type Finding } from './finding.js';

/** A message whose signature holds, with the entries about it that hold. */
export interface OpenedMessage {
  readonly header: wire.HeaderFrame;
  /** Hex. */
  readonly hash: string;
  readonly entries: readonly VerifiedEntry[];
  /** Undefined: not opened, or not what was sealed. */
  readonly content: unknown;
}

type FileMessage = wire.EvidenceFileFrame['messages'][number];

/** @returns undefined if it is not proved who said it; what was found stands in `findings` */
export async function openMessage(
  directory: Directory,
  file: wire.EvidenceFileFrame,
  { seal, entries, opened, justification }: FileMessage,
  findings: Finding[],
): Promise<OpenedMessage | undefined> {
  const hash = messageHash(seal);
  const sealed = await check(findings, `message ${hex(hash).slice(0, 16)}…`, () =>
    openSeal(seal, (kid) => findKey(directory, kid)),
  );
  if (!sealed) return undefined;
  const { header, kid } = sealed;
  // Its signer writes the header, and what a reader is told is full of it: no word of his own may stand there.
  const form = await check(findings, `message ${hex(hash).slice(0, 16)}…`, () => {
    checkForm(header);
    return true;
  });
  if (!form) return undefined;
  const name = `message ${header.id}`;
  const proved: VerifiedEntry[] = [];
  for (const entry of entries) {
    const found = await check(findings, `${name}, entry of a log`, () =>
      openEntry(directory, header, hash, entry),
    );
    if (found) proved.push(found);
  }
  const signer = await check(findings, name, () => {
    // One seal may say of several messages that they arrived; whether one of them is here is judged with all of them.
    const isOfSeveral = (header.statement?.about.length ?? 0) > 1;
    if (header.caseId !== file.caseId && !isOfSeveral)
      throw new Rejection('case-unknown', 'it is of another case than the file says');
    if (proved.length === 0) return checkUnlogged(directory, kid, header, file);
    // The first gate's entry says when the key was used.
    const usedMs = Math.min(...proved.map(({ leaf }) => leaf.timeMs));
    directory.checkSigner(kid, header.from, usedMs, usedMs);
    return true;
  });
  if (!signer) return undefined;
  if (proved.length === 0)
    findings.push({
      code: 'note',
      words: `${name}: no entry of a log is with it: nothing proves when it was sealed, or that it was sent.`,
    });
  findings.push({
    code: 'holds',
    words: `${name}: signed by ${header.from} (${header.fromRole}) for ${header.to} (${header.toRole}), key ${kid.slice(0, 16)}….`,
  });
  const content =
    opened && (await check(findings, `${name}, what it said`, () => openContent(header, opened)));
  if (content)
    findings.push({
      code: 'holds',
      words: `${name}: what the holder shows is to the byte what ${header.from} signed.`,
    });
  if (content && !isSchemaKnown(header))
    findings.push({
      code: 'note',
      words: `${name}: it was written under a schema that this program does not have; that it declared to the gates what it says is not checked. The program of that time can.`,
    });
  // An edge writes none into a file; whoever adds one does not make it look checked.
  if (justification)
    await check(findings, `${name}, why it was sent`, () => openJustification(header, justification));
  return { header, hash: hex(hash), entries: proved, content };
}

function findKey({ nations }: Directory, kid: string) {
  return [...nations.values()].map(({ keys }) => keys.get(kid)).find((key) => key !== undefined);
}

/**
 * Without an entry there is only the sender's own word of when it was sealed, and whoever has found a key can write any time. So a key
 * that ends at all, as far as this directory knows, proves nothing; when the file was made is its holder's word as well.
 * @throws Rejection `sender-mismatch`, `key-not-valid`
 */
function checkUnlogged(
  directory: Directory,
  kid: string,
  { from, issuedAtMs }: wire.HeaderFrame,
  { madeAtMs }: wire.EvidenceFileFrame,
): true {
  directory.checkSigner(kid, from, issuedAtMs, madeAtMs);
  const member = directory.nations.get(nationOf(from))?.members.get(from);
  const stated = member?.keys.find((key) => key.kid === kid);
  if (stated?.revokedAtMs !== 0 || member?.suspendedAtMs !== 0)
    throw new Rejection(
      'key-not-valid',
      'its key is revoked, or its sender suspended, and no entry of a log proves that it was sealed before',
    );
  return true;
}

/** @throws AuditError, Rejection `proof-wrong` */
function openEntry(
  directory: Directory,
  header: wire.HeaderFrame,
  hash: Uint8Array,
  entry: wire.EntryFrame,
): VerifiedEntry {
  const find = (origin: string) =>
    [...directory.nations.keys()].map((nation) => directory.ledger(nation, origin)).find(Boolean);
  const verified = verifyEntry(entry, find);
  const { record, leaf, origin } = verified;
  const wrong = [
    [!directory.ledger(record.nation, origin), 'the ledger speaks for another nation'],
    [!Buffer.from(record.messageHash).equals(hash), 'it is about another message'],
    [!Buffer.from(messageHash(record.seal)).equals(hash), 'it holds another message than it names'],
    [record.event !== leaf.event, 'leaf and record name different events'],
    [!isDecision(record), 'it decides what no entry of its event can'],
    [!isAtItsBorder(record, header), 'it is of a nation that this message did not cross'],
  ].find(([is]) => is);
  if (wrong) throw new AuditError('commitment-wrong', String(wrong[1]));
  return verified;
}

/** INVARIANT: the same entry proves a passage here and at a gate: a permit of an event that lets nothing pass is none. */
function isDecision(record: wire.RecordFrame): boolean {
  const { decision = '' } = record.verdict ?? {};
  return decision === 'permit' ? isPassage(record) : decision === 'refuse' || decision === 'hold';
}

function isAtItsBorder({ nation, stage }: wire.RecordFrame, { from, to }: wire.HeaderFrame): boolean {
  const [sending, receiving] = [nationOf(from), nationOf(to)];
  if (stage === 'inside') return sending === receiving && nation === sending;
  return sending !== receiving && nation === { leave: sending, enter: receiving }[stage];
}

const isSchemaKnown = ({ schemaSha256, facts }: wire.HeaderFrame): boolean =>
  acceptedSchema(schemaNameOf(checkFacts(facts)), schemaSha256);

/** @throws Rejection `commitment-mismatch`, `facts-mismatch`, those of `parseSealedContent` */
function openContent(header: wire.HeaderFrame, { salt, content }: wire.BodyFrame): unknown {
  if (salt.length !== 16 || !Buffer.from(commitmentOf(salt, content)).equals(header.contentCommitment))
    throw new Rejection('commitment-mismatch', 'what the holder shows is not what was signed');
  const said = parseSealedContent(content, header.schemaSha256);
  if (isSchemaKnown(header) && !sameFacts(computeFacts(said), checkFacts(header.facts)))
    throw new Rejection('facts-mismatch', 'it declared other facts to the gates than it says');
  return said;
}

/** @throws Rejection `commitment-mismatch` */
function openJustification(
  { justificationCommitment }: wire.HeaderFrame,
  { salt, content }: wire.BodyFrame,
): void {
  const isSame = Buffer.from(commitmentOf(salt, content)).equals(justificationCommitment);
  if (salt.length !== 16 || !isSame)
    throw new Rejection(
      'commitment-mismatch',
      'the justification that the holder shows is not what was signed',
    );
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
