import { jsApi } from './js-api.js';
import type { Link } from './link.js';
import type { Replies } from './replies.js';

const ASK_MS = 1000;
/** Longer than an election takes, in which there is nobody who could answer. */
const SILENCE_MS = 12_000;

/**
 * For who has no consumer by which it would notice that its server is cut off from the others: asks JetStream every second for its leader,
 * who alone answers. A server without one says so, for a moment while one is elected, or for as long as it is cut off.
 */
export function keepWithOthers(link: Link, replies: Replies): { readonly stop: () => Promise<void> } {
  const ask = async () => {
    await jsApi(replies, 'INFO', undefined, SILENCE_MS);
    link.heard();
  };
  const asking = setInterval(() => void ask().catch(() => undefined), ASK_MS);
  return { stop: async () => clearInterval(asking) };
}
