export type ShareAnswers<T> = (question: Uint8Array, ask: () => Promise<T>) => Promise<T>;

const MOST = 500;

/**
 * The same question again within `forMs` gets the same answer, and while it is asked, is not asked twice: of many reports at once
 * most ask the gates the same. An answer that failed is forgotten at once.
 */
export function shareAnswers<T>(forMs: number, now: () => number): ShareAnswers<T> {
  const known = new Map<string, { readonly untilMs: number; readonly answer: Promise<T> }>();
  return (question, ask) => {
    const key = Buffer.from(question).toString('base64');
    const found = known.get(key);
    if (found && now() < found.untilMs) return found.answer;
    if (known.size >= MOST) known.clear();
    const answer = ask();
    known.set(key, { untilMs: now() + forMs, answer });
    answer.catch(() => known.delete(key));
    return answer;
  };
}
