import type { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { loadDecrypter, loadSigner } from '@entente/seal';
import type { Report } from './finding.js';

const DAY_MS = 86_400_000;
const SOON_MS = 30 * DAY_MS;
/** Until nothing can arrive any more that was sealed for a key on its last day. */
const LAST_ARRIVAL_MS = 31 * DAY_MS;

/** Whether this service's own keys stand in the directory and may be used now, and whether it can open what others send it. */
export async function checkOwnKeys(
  settings: Readonly<Record<string, string>>,
  { nations }: Directory,
  nowMs: number,
  report: Report,
): Promise<void> {
  const { MEMBER: id, CROSS_NKEY_FILE: isGate, SIGN_KEY_FILE: sign } = settings;
  const nation = settings.NATION ?? id?.slice(-2).toUpperCase() ?? '';
  // A monitor of nobody's reads the directory for its witnesses.
  if (nation === '') return;
  const part = nations.get(nation)?.part;
  if (!part) return report('own nation', 'bad', `the directory has no valid part of ${nation}`);
  const member = part.members.find((one) => one.id === id);
  if (id !== undefined) checkMember(member, id, nowMs, report);
  const stated = (isGate === undefined ? member?.keys : part.gate?.keys) ?? [];
  for (const kid of await kidsOf(sign, loadSigner)) {
    const { words, state } = stateOf(stated, kid, nowMs);
    report(nameOf(kid), state, words);
  }
  const decrypt = settings.DECRYPT_KEY_FILE ?? (isGate && settings.KEY_FILE);
  checkDecryption(stated, await kidsOf(decrypt, loadDecrypter), nowMs, report);
}

function checkMember(member: wire.MemberFrame | undefined, id: string, nowMs: number, report: Report): void {
  const { suspendedAtMs: atMs = 0 } = member ?? {};
  if (!member) report('own member', 'bad', `the directory has no ${id}`);
  else if (atMs !== 0 && atMs <= nowMs) report('own member', 'bad', `${id} is suspended since ${day(atMs)}`);
}

/** While keys change there are several: an old one opens what was under way when its time ended, a new one is published only after it is here. */
function checkDecryption(
  stated: readonly wire.PublicKeyFrame[],
  kids: readonly string[],
  nowMs: number,
  report: Report,
): void {
  if (kids.length === 0) return;
  const states = kids.map((kid) => ({ kid, ...stateOf(stated, kid, nowMs) }));
  const isOneUsable = states.some(({ isUsable }) => isUsable);
  for (const { kid, state, words, isUsable, endedMs } of states) {
    if (isUsable || !isOneUsable) report(nameOf(kid), state, words);
    else if (endedMs === undefined) report(nameOf(kid), 'warning', words);
    else report(nameOf(kid), 'ok', `${words}: its file may go on ${day(endedMs + LAST_ARRIVAL_MS)}`);
  }
  const used = stated
    .filter((key) => key.use === 'enc' && isUsableAt(key, nowMs))
    .toSorted((a, b) => b.validFromMs - a.validFromMs)[0];
  if (used && !kids.includes(used.kid))
    report(
      nameOf(used.kid),
      'bad',
      'others encrypt for it, and its file is not named here: nothing of that can be opened',
    );
}

interface KeyState {
  readonly state: 'ok' | 'warning' | 'bad';
  readonly words: string;
  readonly isUsable: boolean;
  /** Where its time has ended. */
  readonly endedMs?: number;
}

function stateOf(stated: readonly wire.PublicKeyFrame[], kid: string, nowMs: number): KeyState {
  const key = stated.find((one) => one.kid === kid);
  const bad = (words: string) => ({ state: 'bad' as const, words, isUsable: false });
  if (!key) return bad('it is not in the directory: send its public half to the agency');
  if (isRevokedAt(key, nowMs)) return { ...bad('it is revoked'), endedMs: key.revokedAtMs };
  const until = `valid until ${day(key.validUntilMs)}`;
  if (key.validUntilMs <= nowMs) return { ...bad(until), endedMs: key.validUntilMs };
  if (key.validFromMs > nowMs) return bad(`valid from ${new Date(key.validFromMs).toISOString()} on only`);
  const isEnding = key.validUntilMs - nowMs < SOON_MS;
  return { state: isEnding ? 'warning' : 'ok', words: isEnding ? until : '', isUsable: true };
}

const isRevokedAt = (key: wire.PublicKeyFrame, nowMs: number): boolean =>
  key.revokedAtMs !== 0 && key.revokedAtMs <= nowMs;
const isUsableAt = (key: wire.PublicKeyFrame, nowMs: number): boolean =>
  !isRevokedAt(key, nowMs) && key.validFromMs <= nowMs && nowMs < key.validUntilMs;
const nameOf = (kid: string): string => `key ${kid.slice(0, 8)}…`;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

async function kidsOf(
  paths: string | undefined,
  load: (path: string) => Promise<{ readonly kid: string }>,
): Promise<string[]> {
  if (paths === undefined || paths === '') return [];
  return (await Promise.all(paths.split(':').map(load))).map(({ kid }) => kid);
}
