import { randomBytes } from 'node:crypto';
import { formatProof, formatVkey, leafHash, parseVkey, signCheckpoint } from '@entente/audit';
import { wire } from '@entente/contract';
import { commitmentOf, createSigner, generateKey } from '@entente/seal';

/** An entry in a log of the attacker's own, which calls itself by the name of another and permits what that one refused. */
export async function forgedPermit(origin: string, refusal: wire.EntryFrame): Promise<wire.EntryFrame> {
  const jwk = await generateKey('Ed25519');
  const key = parseVkey(formatVkey(origin, Buffer.from(String(jwk.x), 'base64url')));
  const { signBytes } = await createSigner(jwk);
  const permitted = permitting(refusal);
  const commitment = commitmentOf(permitted.salt, permitted.record);
  const leaf = wire.leaf.encode({ event: 'crossing', timeMs: Date.now(), commitment });
  const checkpoint = await signCheckpoint({ origin, size: 1, root: leafHash(leaf) }, [
    { key, sign: signBytes },
  ]);
  return { ...permitted, leaf, proof: Buffer.from(formatProof({ index: 0, hashes: [], checkpoint })) };
}

/** The same entry, whose record says "permit" now: leaf and proof are left as they were. */
export function permitting(refusal: wire.EntryFrame): wire.EntryFrame {
  const record = wire.record.encode({
    ...wire.record.decode(refusal.record),
    verdict: { decision: 'permit' },
  });
  return { ...refusal, salt: randomBytes(16), record };
}
