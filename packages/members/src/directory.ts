import { createHash } from 'node:crypto';
import {
  isMemberId,
  isResponsible,
  MEMBER_TYPE,
  type MemberType,
  nationOf,
  Rejection,
  ROLE,
  type Role,
  type wire,
} from '@entente/contract';
import { importPublicKey, type PublicKey } from '@entente/seal';
import { DirectoryError } from './error.js';

/** A verified part with its keys imported. */
export interface Nation {
  readonly part: wire.NationPartFrame;
  /** The part's file, as it was signed. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the part's file. */
  readonly sha256: string;
  readonly keys: ReadonlyMap<string, PublicKey>;
  readonly members: ReadonlyMap<string, wire.MemberFrame>;
}

export interface Member {
  readonly id: string;
  readonly nation: string;
  readonly types: readonly MemberType[];
  readonly roles: readonly Role[];
}

/**
 * Who is who, as far as it can be believed at one moment. Immutable: a new version is a new object.
 * Every question that depends on time takes the time, so that an auditor can ask about that day.
 */
export interface Directory {
  /** SHA-256 over the list and all parts, 32 bytes. */
  readonly sha256: Uint8Array;
  readonly list: wire.NationListFrame;
  /** The list's file, as it was signed. */
  readonly listBytes: Uint8Array;
  readonly versions: readonly { readonly part: string; readonly version: number }[];
  readonly nations: ReadonlyMap<string, Nation>;
  /** @throws Rejection `recipient-unknown` */
  readonly member: (id: string, nowMs: number) => Member;
  /** Whether anyone may sign with this key; whose it is, says `checkSigner`. @throws Rejection `key-not-valid` */
  readonly findKey: (kid: string, atMs: number, nowMs: number) => PublicKey | undefined;
  /** @throws Rejection `sender-mismatch`, `key-not-valid` */
  readonly checkSigner: (kid: string, member: string, atMs: number, nowMs: number) => void;
  /** @throws Rejection `recipient-unknown` */
  readonly encryptionKey: (member: string, nowMs: number) => PublicKey;
  /** @throws Rejection `recipient-unknown` */
  readonly gateKey: (nation: string, nowMs: number) => PublicKey;
  readonly areCounterparts: (a: string, b: string, nowMs: number) => boolean;
  /** The log of a nation with this origin, or undefined. A nation has one for each year; the old ones stay for what they prove. */
  readonly ledger: (nation: string, origin: string) => wire.NationPartFrame['ledgers'][number] | undefined;
}

interface Holding {
  readonly owner: string;
  readonly stated: wire.PublicKeyFrame;
  readonly key: PublicKey;
  readonly nation: Nation;
}

export function createDirectory(
  list: wire.NationListFrame,
  listBytes: Uint8Array,
  nations: ReadonlyMap<string, Nation>,
): Directory {
  const holdings = new Map<string, Holding[]>();
  for (const nation of nations.values()) {
    for (const member of nation.members.values()) {
      for (const stated of member.keys) hold(holdings, member.id, stated, nation);
    }
  }

  // An expired list stops all nations, an expired part its own only; also in a service that runs on.
  const isAlive = ({ part }: Nation, nowMs: number) => nowMs < list.validUntilMs && nowMs < part.validUntilMs;
  const valid = ({ owner, stated, nation }: Holding, atMs: number, nowMs: number) =>
    isValid(stated, atMs, nowMs) && isAlive(nation, nowMs) && !isSuspended(nation.members.get(owner), nowMs);

  const directory: Directory = {
    sha256: hashOf(listBytes, nations),
    list,
    listBytes,
    versions: versionsOf(list, nations),
    nations,
    member: (id, nowMs) => {
      const nation = isMemberId(id) ? nations.get(nationOf(id)) : undefined;
      const member = nation?.members.get(id);
      if (!nation || !member || !isAlive(nation, nowMs) || isSuspended(member, nowMs)) {
        throw new Rejection('recipient-unknown', `${id.slice(0, 40)} is not in the directory, or suspended`);
      }
      return {
        id,
        nation: nation.part.nation,
        types: member.types as MemberType[],
        roles: member.roles as Role[],
      };
    },
    findKey: (kid, atMs, nowMs) => {
      const known = holdings.get(kid);
      if (!known) return undefined;
      const usable = known.find((holding) => holding.key.use === 'sig' && valid(holding, atMs, nowMs));
      if (!usable) throw new Rejection('key-not-valid');
      return usable.key;
    },
    checkSigner: (kid, member, atMs, nowMs) => {
      const holding = holdings.get(kid)?.find(({ owner }) => owner === member);
      if (!holding)
        throw new Rejection('sender-mismatch', 'the signing key is not a key of the member named as sender');
      if (!valid(holding, atMs, nowMs)) throw new Rejection('key-not-valid');
    },
    encryptionKey: (id, nowMs) => {
      directory.member(id, nowMs);
      const nation = nations.get(nationOf(id));
      return newestKey(nation, nation?.members.get(id)?.keys ?? [], id, nowMs);
    },
    gateKey: (code, nowMs) => {
      const nation = nations.get(code);
      return newestKey(
        nation,
        nation && isAlive(nation, nowMs) ? (nation.part.gate?.keys ?? []) : [],
        `the gate of ${code}`,
        nowMs,
      );
    },
    areCounterparts: (a, b, nowMs) => {
      const [left, right] = [nations.get(a), nations.get(b)];
      if (!left || !right || !isAlive(left, nowMs) || !isAlive(right, nowMs)) return false;
      return left.part.counterparts.includes(b) && right.part.counterparts.includes(a);
    },
    ledger: (nation, origin) => nations.get(nation)?.part.ledgers.find((ledger) => ledger.origin === origin),
  };
  return Object.freeze(directory);
}

/**
 * Imports the keys of a part and checks what its nation may say: its own members, with types and roles from the closed lists.
 * @throws DirectoryError `part-malformed`
 */
export async function createNation(part: wire.NationPartFrame, bytes: Uint8Array): Promise<Nation> {
  const keys = new Map<string, PublicKey>();
  const members = new Map<string, wire.MemberFrame>();
  try {
    if (!isResponsible(part)) throw new Error('who proposed and approved it is not said in short lines');
    for (const member of part.members) {
      checkMember(part.nation, member);
      if (members.has(member.id)) throw new Error(`${member.id} stands there twice`);
      members.set(member.id, member);
    }
    checkWitnesses(part.witnesses);
    for (const stated of [...part.members.flatMap((member) => member.keys), ...(part.gate?.keys ?? [])]) {
      // One key, one owner, one use: stated twice, one of them could outlive the other's revocation.
      if (keys.has(stated.kid)) throw new Error(`the key ${stated.kid} stands there twice`);
      keys.set(stated.kid, await importPublicKey(stated.jwk, stated));
    }
    checkLedgers(part.ledgers);
  } catch (cause) {
    throw new DirectoryError(
      'part-malformed',
      `the part of ${part.nation}: ${(cause as Error).message}`,
      cause,
    );
  }
  return { part, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), keys, members };
}

const MOST_LEDGERS = 100;

/**
 * Each log once, and each the successor of another log of this nation or of none: two that follow one would be two histories. Every
 * nation's services compare them with one another: their number and their names have limits.
 */
function checkLedgers(ledgers: wire.NationPartFrame['ledgers']): void {
  if (ledgers.length > MOST_LEDGERS) throw new Error(`it has more than ${MOST_LEDGERS} logs`);
  const unnamed = ledgers.find(({ origin }) => origin === '' || origin.length > 100);
  if (unnamed)
    throw new Error(`the log "${unnamed.origin.slice(0, 40)}" needs a name of 1 to 100 characters`);
  const origins = ledgers.map(({ origin }) => origin);
  const followed = ledgers.map(({ predecessor }) => predecessor).filter((origin) => origin !== '');
  const twice = [...origins, ...followed.map((origin) => `the successor of ${origin}`)].find(
    (name, at, all) => all.indexOf(name) !== at,
  );
  if (twice !== undefined) throw new Error(`the log ${twice} stands there twice`);
  const unknown = ledgers.find(
    ({ origin, predecessor }) =>
      predecessor !== '' && (predecessor === origin || !origins.includes(predecessor)),
  );
  if (unknown)
    throw new Error(`${unknown.origin} follows ${unknown.predecessor.slice(0, 40)}, which is no log of it`);
}

function checkMember(nation: string, member: wire.MemberFrame): void {
  if (!isMemberId(member.id) || nationOf(member.id) !== nation)
    throw new Error(`${member.id} is not a member of ${nation}`);
  const unknown = [
    ...member.types.filter((type) => !(MEMBER_TYPE as readonly string[]).includes(type)),
    ...member.roles.filter((role) => !(ROLE as readonly string[]).includes(role)),
  ];
  if (unknown.length > 0) throw new Error(`${member.id} has an unknown type or role: ${unknown.join(', ')}`);
}

const MOST_WITNESSES = 16;

/** Every other nation asks them again and again: their number and their addresses have limits. */
function checkWitnesses(witnesses: readonly wire.WitnessFrame[]): void {
  if (witnesses.length > MOST_WITNESSES) throw new Error(`it has more than ${MOST_WITNESSES} witnesses`);
  for (const { name, vkey, url } of witnesses) {
    if (name === '' || name.length > 100 || vkey.length > 300 || !/^https?:\/\/[^\s?#]{1,300}$/.test(url))
      throw new Error(
        `the witness ${name.slice(0, 40)} needs a name, a key and an address with http:// or https://`,
      );
  }
}

function hold(
  holdings: Map<string, Holding[]>,
  owner: string,
  stated: wire.PublicKeyFrame,
  nation: Nation,
): void {
  const key = nation.keys.get(stated.kid);
  if (!key) return;
  // Another nation may copy a public key into its own part: that makes it a second holder, never the first one's successor.
  holdings.set(stated.kid, [...(holdings.get(stated.kid) ?? []), { owner, stated, key, nation }]);
}

/** Valid when it was used, and not revoked now. */
function isValid(stated: wire.PublicKeyFrame, atMs: number, nowMs: number): boolean {
  const revoked = stated.revokedAtMs !== 0 && stated.revokedAtMs <= nowMs;
  return !revoked && stated.validFromMs <= atMs && atMs < stated.validUntilMs;
}

function isSuspended(member: wire.MemberFrame | undefined, nowMs: number): boolean {
  return member !== undefined && member.suspendedAtMs !== 0 && member.suspendedAtMs <= nowMs;
}

function newestKey(
  nation: Nation | undefined,
  stated: readonly wire.PublicKeyFrame[],
  whose: string,
  nowMs: number,
): PublicKey {
  const usable = stated
    .filter((key) => key.use === 'enc' && isValid(key, nowMs, nowMs))
    .sort((a, b) => b.validFromMs - a.validFromMs);
  const key = nation?.keys.get(usable[0]?.kid ?? '');
  if (!key) throw new Rejection('recipient-unknown', `${whose} has no valid key for encryption`);
  return key;
}

function versionsOf(list: wire.NationListFrame, nations: ReadonlyMap<string, Nation>): Directory['versions'] {
  const parts = [...nations.values()].map(({ part }) => ({ part: part.nation, version: part.version }));
  return [{ part: 'nations', version: list.version }, ...parts.sort((a, b) => (a.part < b.part ? -1 : 1))];
}

function hashOf(listBytes: Uint8Array, nations: ReadonlyMap<string, Nation>): Uint8Array {
  const parts = [...nations.values()].map(({ part, sha256 }) => `${part.nation} ${sha256}\n`).sort();
  const list = createHash('sha256').update(listBytes).digest('hex');
  return createHash('sha256')
    .update(`nations ${list}\n${parts.join('')}`)
    .digest();
}
