import {
  type Change,
  entry,
  first,
  flip,
  index,
  inText,
  letter,
  list,
  type Message,
  opened,
  origin,
  part,
  root,
  swapParts,
  withMessage,
} from './change-evidence.js';

/**
 * What can be done to an evidence file itself, its directory, seals, entries and what was said: each with the code that it is refused with.
 * @param other a message of another case, which is there once the tests run
 */
export function fileChanges(other: () => Message): [string, Change, string][] {
  return [
    ['another format', (file) => ({ ...file, format: 2 }), 'frame-malformed'],
    ['no messages', (file) => ({ ...file, messages: [] }), 'frame-malformed'],
    ['another case', (file) => ({ ...file, caseId: '0'.repeat(32) }), 'case-unknown'],
    ['a list of nations with a broken signature', list((bytes) => letter(bytes, 9)), 'list-not-trusted'],
    ["a nation's part with a broken signature", part('FR', (bytes) => letter(bytes, 9)), 'part-not-trusted'],
    ["a nation's part in place of another's", (file) => swapParts(file), 'part-not-trusted'],
    ['a directory without a nation', part('FR', () => null), 'checkpoint-wrong-origin'],
    ['no directory', (file) => ({ ...file, directory: new Uint8Array() }), 'list-not-trusted'],
    ['a signature with another bit', first(({ seal }) => ({ seal: letter(seal, 9) })), 'signature-wrong'],
    ['a header with another letter', first(({ seal }) => ({ seal: letter(seal, 120) })), 'signature-wrong'],
    ['a seal that is none', first(() => ({ seal: Buffer.from('no seal') })), 'seal-malformed'],
    ['another leaf', entry(({ leaf }) => ({ leaf: flip(leaf, -1) })), 'inclusion-invalid'],
    ['another salt of a record', entry(({ salt }) => ({ salt: flip(salt) })), 'commitment-wrong'],
    ['another record', entry(({ record }) => ({ record: flip(record, -1) })), 'commitment-wrong'],
    [
      'a checkpoint with another root',
      entry(({ proof }) => ({ proof: root(proof) })),
      'note-signature-invalid',
    ],
    [
      'a checkpoint of another log',
      entry(({ proof }) => ({ proof: origin(proof) })),
      'checkpoint-wrong-origin',
    ],
    ['another place in the log', entry(({ proof }) => ({ proof: index(proof) })), 'inclusion-invalid'],
    ['a proof that is none', entry(() => ({ proof: Buffer.from('none') })), 'proof-malformed'],
    ['the entries of another message', first(() => ({ entries: other().entries })), 'commitment-wrong'],
    ['no entry of the first gate', first(({ entries }) => ({ entries: entries.slice(1) })), 'not-proved'],
    ['no entry of the second gate', first(({ entries }) => ({ entries: entries.slice(0, 1) })), 'not-proved'],
    [
      'other words',
      opened(({ content }) => ({ content: inText(content, /phishing/, () => 'fraud') })),
      'commitment-mismatch',
    ],
    ['another salt of what was said', opened(({ salt }) => ({ salt: flip(salt) })), 'commitment-mismatch'],
    ['a shorter salt', opened(({ salt }) => ({ salt: salt.subarray(1) })), 'commitment-mismatch'],
    ['what another message said', first(() => ({ opened: other().opened })), 'commitment-mismatch'],
    [
      'a justification that was not given',
      first(() => ({ justification: { salt: Buffer.alloc(16), content: Buffer.from('by order') } })),
      'commitment-mismatch',
    ],
    ['a message of another case', (file) => withMessage(other())(file), 'case-unknown'],
    ['a message twice', (file) => withMessage(file.messages[0] as Message)(file), 'message-twice'],
    [
      'an answer without its question',
      (file) => ({ ...file, messages: file.messages.slice(1) }),
      'about-unknown',
    ],
  ];
}

/** What can be done to a file that shows that a message was refused. */
export function refusalChanges(other: () => Message): [string, Change, string][] {
  return [
    ['no entry of the refusal', first(() => ({ entries: [] })), 'not-proved'],
    ['the entries of another message', first(() => ({ entries: other().entries })), 'commitment-wrong'],
    [
      'another record of the refusal',
      entry(({ record }) => ({ record: flip(record, -1) })),
      'commitment-wrong',
    ],
    ['the refusal at another place', entry(({ proof }) => ({ proof: index(proof) })), 'inclusion-invalid'],
  ];
}
