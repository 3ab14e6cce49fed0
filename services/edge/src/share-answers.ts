export type ShareAnswers<T> = (question: Uint8Array, ask: () => Promise<T>) => Promise<T>;

const MOST = 500;

/**
 * The same question again gets the same answer while it is asked, and for `forMs` from when it is answered: of many reports at once
 * most ask the gates the same. An answer that failed is forgotten at once.
 */
export function shareAnswers<T>(forMs: number, now: () => number): ShareAnswers<T> {
  const known = new Map<string, Asked<T>>();
  return (question, ask) => {
    const key = Buffer.from(question).toString('base64');
    const found = known.get(key);
    if (found && now() < found.untilMs) return found.answer;
    if (known.size >= MOST) known.clear();
    const asked: Asked<T> = { untilMs: Number.POSITIVE_INFINITY, answer: ask() };
    known.set(key, asked);
    asked.answer.then(
      () => {
        asked.untilMs = now() + forMs;
      },
      () => {
        // Room was made since, and it may be asked anew.
        if (known.get(key) === asked) known.delete(key);
      },
    );
    return asked.answer;
  };
}

interface Asked<T> {
  untilMs: number;
  readonly answer: Promise<T>;
}
