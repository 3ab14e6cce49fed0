/**
 * Waits until so much time has passed since the last turn began; the first turn, and one that comes later than that, waits for
 * nothing. What is dear for each turn and cheap for each message is done less often under load, and at once when alone.
 * @returns undefined if there is nothing to wait for
 */
export function spaceOut(everyMs: number): () => Promise<void> | undefined {
  let begunMs = Number.NEGATIVE_INFINITY;
  return () => {
    const leftMs = begunMs + everyMs - performance.now();
    begunMs = performance.now() + Math.max(0, leftMs);
    return leftMs > 0 ? new Promise((resolve) => setTimeout(resolve, leftMs)) : undefined;
  };
}
