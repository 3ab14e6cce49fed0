/**
 * Does something again and again, never twice at once. What it throws goes to `onError`, and the next turn comes all the same.
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
    underWay = Promise.resolve()
      .then(work)
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(turn, everyMs);
      });
  };
  timer = setTimeout(turn, everyMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await underWay;
  };
}
