import { AuditError } from './error.js';
import { isSameKey, type NoteKey, parseVkey } from './note-key.js';
import { isSameWitness, parseWitnessVkey, type WitnessKey } from './witness-key.js';

/** Whose checkpoints count, and how many witnesses must have cosigned them (C2SP tlog-policy). */
export interface WitnessPolicy {
  /** None: which logs count is known from elsewhere, the directory for instance. */
  readonly logs: readonly NamedLog[];
  readonly witnesses: readonly NamedWitness[];
  readonly quorum: Quorum;
}

export interface NamedLog {
  readonly key: NoteKey;
  readonly url: string;
}

export interface NamedWitness {
  /** In this file only. */
  readonly name: string;
  readonly key: WitnessKey;
  readonly url: string;
}

export type Quorum = WitnessKey | Group | 'none';

interface Group {
  readonly least: number;
  readonly members: readonly (WitnessKey | Group)[];
}

/**
 * Reads a policy (C2SP tlog-policy). Whoever writes it decides what is believed: it comes from where the trust anchors come from.
 * @param bytes at most 64 KiB and 1,000 lines
 * @throws AuditError `policy-malformed`, which names the line
 */
export function parseWitnessPolicy(bytes: Uint8Array): WitnessPolicy {
  if (bytes.length > MAX_BYTES) throw malformed('the file', `it is longer than ${MAX_BYTES} bytes`);
  // Octets beyond ASCII are opaque in this format: read as UTF-8, two names could become one.
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  if (lines.pop() !== '') throw malformed('the file', 'it does not end in a newline');
  if (lines.length > MAX_LINES) throw malformed('the file', `it has more than ${MAX_LINES} lines`);
  const draft: Draft = { logs: [], witnesses: [], names: new Map(), used: new Set(), quorum: undefined };
  for (const [i, line] of lines.entries()) readLine(draft, line, `line ${i + 1}`);
  if (draft.quorum === undefined) throw malformed('the file', 'it has no quorum line');
  return { logs: draft.logs, witnesses: draft.witnesses, quorum: draft.quorum };
}

/** Whether checkpoints of this log count: it is listed, under this key, or the policy leaves the choice of logs to others. */
export function isLogOf({ logs }: WitnessPolicy, log: NoteKey): boolean {
  return logs.length === 0 || logs.some(({ key }) => key.name === log.name && isSameKey(key, log));
}

/** Whether these witnesses are enough. */
export function meetsQuorum({ quorum }: WitnessPolicy, cosigned: readonly WitnessKey[]): boolean {
  return quorum === 'none' || isMet(quorum, cosigned);
}

function isMet(one: WitnessKey | Group, cosigned: readonly WitnessKey[]): boolean {
  if (!('members' in one)) return cosigned.some((key) => key.name === one.name && isSameWitness(key, one));
  return one.members.filter((member) => isMet(member, cosigned)).length >= one.least;
}

interface Draft {
  readonly logs: NamedLog[];
  readonly witnesses: NamedWitness[];
  readonly names: Map<string, WitnessKey | Group>;
  /** Members of a group: each counts in one place only. */
  readonly used: Set<string>;
  quorum: Quorum | undefined;
}

const MAX_BYTES = 64 * 1024;
const MAX_LINES = 1000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: to refuse them is the purpose.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

function readLine(draft: Draft, line: string, where: string): void {
  if (CONTROL.test(line)) throw malformed(where, 'it has a control character');
  const [word, ...rest] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (word === undefined || word.startsWith('#')) return;
  const read = { log: readLog, witness: readWitness, group: readGroup, quorum: readQuorum }[word];
  if (!read) throw malformed(where, 'it begins with none of log, witness, group and quorum');
  read(draft, rest, where);
}

function readLog(draft: Draft, [vkey, url = '', ...more]: readonly string[], where: string): void {
  if (vkey === undefined || more.length > 0) throw malformed(where, 'a log line is "log <vkey> [<url>]"');
  const key = keyOf(() => parseVkey(utf8(vkey)), where);
  if (draft.logs.some((log) => isSameKey(log.key, key)))
    throw malformed(where, 'this log stands there twice');
  draft.logs.push({ key, url });
}

function readWitness(draft: Draft, [name, vkey, url = '', ...more]: readonly string[], where: string): void {
  if (name === undefined || vkey === undefined || more.length > 0)
    throw malformed(where, 'a witness line is "witness <name> <vkey> [<url>]"');
  const key = keyOf(() => parseWitnessVkey(utf8(vkey)), where);
  if (draft.witnesses.some((witness) => isSameWitness(witness.key, key)))
    throw malformed(where, 'this witness stands there twice');
  define(draft, name, key, where);
  draft.witnesses.push({ name, key, url });
}

function readGroup(draft: Draft, [name, least, ...names]: readonly string[], where: string): void {
  if (name === undefined || least === undefined || names.length === 0)
    throw malformed(where, 'a group line is "group <name> <k>|any|all <name>…"');
  const members = names.map((member) => {
    if (draft.used.has(member)) throw malformed(where, `"${member}" is a member already`);
    draft.used.add(member);
    return find(draft, member, where);
  });
  define(draft, name, { least: leastOf(least, members.length, where), members }, where);
}

function leastOf(text: string, count: number, where: string): number {
  if (text === 'any') return 1;
  if (text === 'all') return count;
  const least = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (least < 1 || least > count) throw malformed(where, `"${text}" is no number from 1 to ${count}`);
  return least;
}

function readQuorum(draft: Draft, [name, ...more]: readonly string[], where: string): void {
  if (name === undefined || more.length > 0) throw malformed(where, 'a quorum line is "quorum <name>"');
  if (draft.quorum !== undefined) throw malformed(where, 'there is a quorum line already');
  draft.quorum = name === 'none' ? 'none' : find(draft, name, where);
}

function define(draft: Draft, name: string, meaning: WitnessKey | Group, where: string): void {
  if (name === 'none' || draft.names.has(name)) throw malformed(where, `"${name}" has a meaning already`);
  draft.names.set(name, meaning);
}

function find({ names }: Draft, name: string, where: string): WitnessKey | Group {
  const meaning = names.get(name);
  if (!meaning) throw malformed(where, `"${name}" is not defined before it`);
  return meaning;
}

function keyOf<T>(parse: () => T, where: string): T {
  try {
    return parse();
  } catch (cause) {
    throw malformed(where, 'its key cannot be used here', cause);
  }
}

function utf8(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}

function malformed(where: string, why: string, cause?: unknown): AuditError {
  return new AuditError('policy-malformed', `The witness policy, ${where}: ${why}.`, cause);
}
