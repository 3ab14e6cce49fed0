import { randomBytes } from 'node:crypto';
import {
  formatProof,
  formatVkey,
  leafHash,
  type NoteSigner,
  parseVkey,
  signCheckpoint,
} from '@entente/audit';
import { type NetworkHome, paths } from '@entente/cli';
import { wire } from '@entente/contract';
import { commitmentOf, createSigner, generateKey, loadSigner } from '@entente/seal';

/** An entry in a log of the attacker's own, which calls itself by the name of another and permits what that one refused. */
export async function forgedPermit(origin: string, refusal: wire.EntryFrame): Promise<wire.EntryFrame> {
  const jwk = await generateKey('Ed25519');
  const key = parseVkey(formatVkey(origin, Buffer.from(String(jwk.x), 'base64url')));
  const { signBytes } = await createSigner(jwk);
  return await onlyEntry(origin, { key, sign: signBytes }, permitting(refusal).record);
}

/** An entry that a ledger makes with its own key, in another history than it shows: as if its first record were this one. */
export async function forgedBy(
  home: NetworkHome,
  nation: string,
  record: Partial<wire.RecordFrame>,
): Promise<wire.EntryFrame> {
  const { origin = '', vkey = '' } = home.nations.find(({ code }) => code === nation) ?? {};
  const services = `services.${nation.toLowerCase()}`;
  const { signBytes } = await loadSigner(paths.secret(home.dir, services, 'ledger.key'));
  const signer = { key: parseVkey(vkey), sign: signBytes };
  return await onlyEntry(origin, signer, wire.record.encode(record));
}

async function onlyEntry(origin: string, signer: NoteSigner, record: Uint8Array): Promise<wire.EntryFrame> {
  const salt = randomBytes(16);
  const { event } = wire.record.decode(record);
  const commitment = commitmentOf(salt, record);
  const leaf = wire.leaf.encode({ event, timeMs: Date.now(), commitment });
  const checkpoint = await signCheckpoint({ origin, size: 1, root: leafHash(leaf) }, [signer]);
  const proof = Buffer.from(formatProof({ index: 0, hashes: [], checkpoint }));
  return { salt, record, leaf, proof };
}

/** The same entry, whose record says "permit" now: leaf and proof are left as they were. */
export function permitting(refusal: wire.EntryFrame): wire.EntryFrame {
  const record = wire.record.encode({
    ...wire.record.decode(refusal.record),
    verdict: { decision: 'permit' },
  });
  return { ...refusal, salt: randomBytes(16), record };
}
