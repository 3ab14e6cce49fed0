import { LIMITS } from '@entente/contract';

/**
 * When it was, as far as that can be: others say it, and from it clocks run here. Nothing was said of a message before it was there, nor
 * later than now.
 */
export function boundTime(saidMs: number, sinceMs: number, nowMs: number): number {
  return Math.max(sinceMs, Math.min(saidMs, nowMs + LIMITS.skewMs));
}
