/** What a turn of `repeat` resolves to when it has left some of its work. */
export const MORE = Symbol('more');

/**
 * Does something again and again, never twice at once. What it throws goes to `onError`, and the next turn comes all the same; after a turn
 * that has left MORE, as long after it as it took, so that others have half of the time.
 * @returns stops it, and waits for the turn under way
 */
export function repeat(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const turn = () => {
    const begunMs = performance.now();
    underWay = Promise.resolve()
      .then(work)
      .catch(onError)
      .then((left) => {
        if (stopped) return;
        timer = setTimeout(turn, left === MORE ? Math.min(performance.now() - begunMs, everyMs) : everyMs);
      });
  };
  timer = setTimeout(turn, everyMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await underWay;
  };
}
