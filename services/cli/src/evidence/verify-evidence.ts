import { isEnvelopeId, isMemberId, Rejection, wire } from '@entente/contract';
import { type Anchors, type Directory, openDirectoryBundle } from '@entente/members';
import { check, type Finding, isFault } from './finding.js';
import { type Beside, judgeCheckpoints, MOST_CHECKPOINTS } from './judge-checkpoints.js';
import { judgeMessages } from './judge-messages.js';
import { type OpenedMessage, openMessage } from './open-message.js';

export interface VerifiedEvidence {
  readonly proved: boolean;
  readonly findings: readonly Finding[];
  /** What was said, by message id: only what holds, and only where the holder opened it. */
  readonly said: ReadonlyMap<string, unknown>;
}

/** A case of more messages is exported in parts; nobody reads a longer list of findings. */
const MOST_MESSAGES = 2000;

/**
 * Checks an evidence file with nothing but the trust anchors. Whoever made the file controls every byte of it, also which
 * messages it leaves out; what is signed by others in it cannot be made up.
 */
export async function verifyEvidence(
  bytes: Uint8Array,
  anchors: Anchors,
  beside: Beside = {},
): Promise<VerifiedEvidence> {
  const findings: Finding[] = [];
  const file = await check(findings, 'the file', () => readFile(bytes));
  const directory =
    file &&
    (await check(findings, 'the directory in the file', () =>
      openDirectoryBundle(file.directory, anchors, file.madeAtMs),
    ));
  if (!file || !directory) return { proved: false, findings, said: new Map() };
  findings.push(...introduce(file, directory, anchors));
  const messages: OpenedMessage[] = [];
  for (const message of file.messages) {
    const opened = await openMessage(directory, file, message, findings);
    if (opened) messages.push(opened);
  }
  findings.push(...judgeMessages(messages));
  const entries = messages.flatMap((message) => message.entries);
  findings.push(...(await judgeCheckpoints(file.checkpoints, directory, entries, beside)));
  const said = new Map(messages.flatMap(({ header, content }) => (content ? [[header.id, content]] : [])));
  return { proved: !findings.some(isFault), findings, said };
}

function readFile(bytes: Uint8Array): wire.EvidenceFileFrame {
  const file = decodeEvidence(bytes);
  if (file.format !== 1) throw new Rejection('frame-malformed', `format ${file.format} is not known here`);
  if (!isEnvelopeId(file.caseId) || !isMemberId(file.holder))
    throw new Rejection('id-malformed', 'its case or its holder has no such name');
  if (file.messages.length === 0) throw new Rejection('frame-malformed', 'it has no messages');
  if (file.messages.length > MOST_MESSAGES)
    throw new Rejection('too-large', `it has more than ${MOST_MESSAGES} messages`);
  if (file.checkpoints.length > MOST_CHECKPOINTS)
    throw new Rejection('too-large', `it has more than ${MOST_CHECKPOINTS} later checkpoints`);
  if (file.checkpoints.some(({ stamps }) => stamps.length > MOST_CHECKPOINTS))
    throw new Rejection('too-large', `a checkpoint has more than ${MOST_CHECKPOINTS} time stamps`);
  return file;
}

/** Whoever is handed a file that was cut off, or another one, reads that. @throws Rejection */
export function decodeEvidence(bytes: Uint8Array): wire.EvidenceFileFrame {
  try {
    return wire.evidenceFile.decode(bytes);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw new Rejection(error.code, `it is no evidence file, or not a whole one (${error.message})`, error);
  }
}

function introduce(file: wire.EvidenceFileFrame, directory: Directory, anchors: Anchors): Finding[] {
  const versions = directory.versions.map(({ part, version }) => `${part} ${version}`).join(', ');
  const made = new Date(file.madeAtMs).toISOString();
  return [
    {
      code: 'note',
      words: `Evidence about the case ${file.caseId}. ${file.holder} says that it made this file at ${made}; nothing proves that.`,
    },
    {
      code: 'holds',
      words: `Who is who: the directory is signed by ${anchors.threshold} trust anchors of "${anchors.network}" at least, and each part by its nation (${versions}).`,
    },
    {
      code: 'note',
      words:
        'Keys are judged by that directory. Whether one of them was revoked later, ask a national agency.',
    },
  ];
}
