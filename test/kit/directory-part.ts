import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkHome, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { LIST_FILE, partFile, readUnverified, signList, signPart } from '@entente/members';
import { createSigner, generateKey, loadSigner, publicJwk, type Signer } from '@entente/seal';

/** A nation's part of the directory as its file holds it, not verified. */
export function readPart(home: NetworkHome, nation: string): wire.NationPartFrame {
  const { seals } = wire.signedPart.decode(readPartFile(home, nation));
  const payload =
    Buffer.from(seals[0] ?? '')
      .toString('latin1')
      .split('.')[1] ?? '';
  return wire.nationPart.decode(Buffer.from(payload, 'base64url'));
}

export function readPartFile(home: NetworkHome, nation: string): Uint8Array {
  return readFileSync(join(paths.directory(home.dir), partFile(nation)));
}

/** Puts a file in place of a nation's part, at once, as a running service sees it. */
export function replacePartFile(home: NetworkHome, nation: string, bytes: Uint8Array): void {
  const path = join(paths.directory(home.dir), partFile(nation));
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

/** Publishes a part, signed by the agency of a nation: its own, unless an attack says otherwise. */
export async function publishPart(
  home: NetworkHome,
  part: wire.NationPartFrame,
  agency = part.nation,
): Promise<void> {
  const signer = await loadSigner(paths.secret(home.dir, `agency.${agency.toLowerCase()}`, 'sign.key'));
  replacePartFile(home, part.nation, await signPart(part, signer));
}

/** The anchors name another key for a nation's agency, and revoke all that it had. */
export async function replaceAgencyKey(home: NetworkHome, nation: string): Promise<Signer> {
  const path = join(paths.directory(home.dir), LIST_FILE);
  const list = wire.nationList.decode(readUnverified(readFileSync(path)));
  const jwk = await generateKey('Ed25519');
  const nowMs = Date.now();
  const stated = { kid: jwk.kid ?? '', use: 'sig', alg: jwk.alg ?? '', jwk: JSON.stringify(publicJwk(jwk)) };
  const next = { ...stated, validFromMs: nowMs - 1000, validUntilMs: list.validUntilMs, revokedAtMs: 0 };
  const agencies = list.agencies.map((agency) =>
    agency.nation === nation
      ? { ...agency, keys: [...agency.keys.map((key) => ({ ...key, revokedAtMs: nowMs })), next] }
      : agency,
  );
  const signer = await createSigner(jwk);
  const part = readPart(home, nation);
  const anchors = await Promise.all(
    ['anchor.1', 'anchor.2'].map((name) => loadSigner(paths.secret(home.dir, name, 'sign.key'))),
  );
  replacePartFile(home, nation, await signPart({ ...part, version: part.version + 1 }, signer));
  writeFileSync(`${path}.new`, await signList({ ...list, version: list.version + 1, agencies }, anchors));
  renameSync(`${path}.new`, path);
  return signer;
}

/** The next version, with one member changed. */
export function withMember(
  part: wire.NationPartFrame,
  id: string,
  change: (member: wire.MemberFrame) => Partial<wire.MemberFrame>,
): wire.NationPartFrame {
  const members = part.members.map((member) =>
    member.id === id ? { ...member, ...change(member) } : member,
  );
  return { ...part, version: part.version + 1, members };
}
