import { importPublicKey, type PublicKey, SealError } from '@entente/seal';
import type { Directory } from './directory.js';
import { openPack } from './signed-part.js';

/** From, and up to: then no longer. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A pack, and when it may be decided by. */
export interface DatedPack {
  readonly bundle: Uint8Array;
  readonly spans: readonly Span[];
}

/**
 * Opens a pack that was signed with any key that a nation's agency has or had, by this directory: it may be decided by while one that has
 * signed it is valid and not revoked. A signature names no time, so one that was made later counts for before as well.
 * @throws DirectoryError `pack-not-trusted`
 */
export async function datePack({ list }: Directory, nation: string, signed: Uint8Array): Promise<DatedPack> {
  const stated = list.agencies.find((one) => one.nation === nation)?.keys ?? [];
  const keys = new Map<string, PublicKey>();
  for (const one of stated) {
    // What cannot be used has signed nothing.
    const key = await importPublicKey(one.jwk, one).catch(unlessUnusable);
    if (key) keys.set(one.kid, key);
  }
  const { bundle, signers } = await openPack(signed, nation, keys);
  const spans = stated
    .filter(({ kid }) => signers.includes(kid))
    .map(({ validFromMs, validUntilMs, revokedAtMs }) => ({
      fromMs: validFromMs,
      untilMs: revokedAtMs === 0 ? validUntilMs : Math.min(validUntilMs, revokedAtMs),
    }));
  return { bundle, spans };
}

function unlessUnusable(error: unknown): undefined {
  if (!(error instanceof SealError)) throw error;
}
