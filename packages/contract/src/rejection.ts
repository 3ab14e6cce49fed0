import { REJECTIONS_DE } from './rejection-de.js';
import { REJECTIONS_FR } from './rejection-fr.js';

/**
 * The closed list of reasons for which a message is not accepted, other than a rule of a policy pack.
 * The words are for the sender's desk: what happened and what to do. `docs/codes.md` is compared with this list by a test.
 */
export const REJECTIONS = Object.freeze({
  'frame-malformed':
    'The message is not in the agreed binary form, or not in its one canonical encoding. Build it with the current protocol files.',
  'too-large': 'The message is larger than the limit. Send fewer items or less evidence in one report.',
  'seal-malformed':
    'The signature is not a strict compact JWS: white space, padding, unknown or repeated header members are refused.',
  'algorithm-not-allowed':
    'The signature or encryption algorithm is not one of those agreed. Use Ed25519 or ES256 to sign.',
  'key-unknown':
    'No key with this id is in the directory. Publish the key first, or use the one that is published.',
  'key-not-valid':
    'The key is revoked, expired or not yet valid, or its owner is suspended. Ask your national agency.',
  'signature-wrong':
    'The signature does not match. The message was changed on its way, or signed with another key.',
  'header-malformed': 'A field of the header is missing, malformed or of an unknown kind.',
  'id-malformed':
    'An id is not in its agreed form. Members are named like "hotline.de", messages by 32 hex digits.',
  'profile-wrong': 'Test messages and live messages never mix. Send it to the network of its own profile.',
  'sender-mismatch': 'The message was not sent by the member who is named as its sender.',
  'not-an-emergency':
    'The message was handed in ahead of all others, and declares no emergency. Send it in the ordinary way.',
  'recipient-unknown':
    'The recipient is not in the directory, or suspended. Check the id with `entente directory show`.',
  'role-not-held': 'The sender or the recipient does not hold the role named in the message.',
  'not-for-this-nation': 'The message is for a member of another nation and does not belong on this way.',
  'no-counterpart': 'The two nations have not agreed to exchange referrals.',
  'body-mismatch': 'The encrypted content is not the one that the sender signed.',
  expired: 'The time in which this message could be accepted is over. Send it again as a new message.',
  'not-yet-valid': 'The message says it was issued in the future. Check the clock of the sending system.',
  'lifetime-too-long':
    'The message asks to be kept longer than a message may wait. Shorten its time to live.',
  'id-reused':
    'Another message of this sender already has this id. Use a new id for each message. After a restore it is this message as it was sent before: `entente explain` tells what became of it.',
  'schema-unknown': 'The content was written under a schema version that is not accepted any more.',
  'facts-malformed': 'The declared facts hold a word that is not in the closed lists.',
  'statement-malformed': 'The evidence or approval is not in its agreed form.',
  'proof-missing': 'A gate on the way has not proved that it logged and permitted this message.',
  'proof-wrong': 'A proof is forged, or belongs to another message, another nation or another decision.',
  'decryption-failed':
    'The content cannot be decrypted with the keys of the recipient. Encrypt it to the key in the directory.',
  'recipient-mismatch':
    'The encrypted content names another sender, recipient or message than the signed header.',
  'commitment-mismatch': 'The content is not the one that the sender committed to.',
  'content-invalid': 'The content does not follow the schema of its category.',
  'content-forbidden':
    'A report of this category must not carry an image, a video or an audio recording in any form. Send the address and the hash.',
  'facts-mismatch':
    'The facts declared to the gates are not those of the content. This is logged as a violation.',
  'case-unknown': 'The message answers a case that the recipient does not have with this sender.',
  'type-not-carried':
    'Reports of this type are not carried by this network. Send them by your usual channel.',
  'not-released': 'The message was held, and whoever may release it refused. The reason is beside it.',
  'hold-overdue':
    'The message was held, and nobody who may release it decided in time. Ask them, and send it again as a new message.',
  'inspect-not-allowed':
    'Only an auditor of the same nation may ask an edge to open a message, and only to it is it opened.',
  'rate-exceeded': 'There is no room for more of yours in this case. Open a new case.',
  quarantined:
    'A service on the way failed on this message and has put it aside. Its operator is told. Send it again as a new message, or ask your national agency.',
} as const);

export type RejectionCode = keyof typeof REJECTIONS;

/**
 * The sender's fault or a rule: final, and safe to show to outsiders. Everything else that is thrown is ours and is tried again.
 */
export class Rejection extends Error {
  readonly code: RejectionCode;
  // No property that a logger would find.
  readonly #toAuthor: string | undefined;

  /**
   * @param detail is logged and kept: nothing in it is of the sender's choice
   * @param toAuthor the same with the sender's own words
   */
  constructor(code: RejectionCode, detail?: string, cause?: unknown, toAuthor?: string) {
    super(detail ?? REJECTIONS[code], { cause });
    this.name = 'Rejection';
    this.code = code;
    this.#toAuthor = toAuthor;
  }

  /** The message, for who has written what is rejected: it quotes that, and goes into no log and no database. */
  toAuthor(): string {
    return this.#toAuthor ?? this.message;
  }
}

/** By language: what `REJECTIONS` says in English. A language more is a file more. */
export const REJECTION_TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.freeze({
  en: REJECTIONS,
  de: REJECTIONS_DE,
  fr: REJECTIONS_FR,
});

/** The words for a code; a code that this version does not know is shown as it is. */
export function rejectionWords(code: string, language = 'en'): string {
  const texts = REJECTION_TEXTS[Object.hasOwn(REJECTION_TEXTS, language) ? language : 'en'] ?? {};
  return Object.hasOwn(texts, code) ? (texts[code] ?? code) : code;
}
