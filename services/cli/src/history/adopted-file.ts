import type { wire } from '@entente/contract';
import { signedPackFile } from '@entente/members';
import { hex } from './hex.js';

/** How the archive calls what an entry adopts. */
export function adoptedFile({ event, adoption }: Pick<wire.RecordFrame, 'event' | 'adoption'>): string {
  const { sha256, versions = [] } = adoption ?? {};
  if (event !== 'adopt-pack') return `${hex(sha256)}.directory`;
  return signedPackFile(hex(sha256), versions[0]?.version ?? 0);
}
