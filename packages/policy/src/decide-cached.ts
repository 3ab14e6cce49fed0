import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import type { Pack } from './pack.js';
import type { Verdict } from './verdict.js';

/** Verdicts that are kept for each pack; the oldest goes first. */
const KEPT = 4096;

const caches = new WeakMap<Pack, Map<string, Verdict>>();

/** `decide`, answered from memory where the same was asked before. Deciding is pure, so that nobody can tell. */
export function decideCached(pack: Pack, crossing: Crossing): Verdict {
  const cache = caches.get(pack) ?? new Map<string, Verdict>();
  caches.set(pack, cache);
  const key = JSON.stringify(crossing);
  const known = cache.get(key);
  if (known) return known;
  const verdict = decide(pack, crossing);
  const oldest = cache.size >= KEPT ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(key, verdict);
  return verdict;
}
