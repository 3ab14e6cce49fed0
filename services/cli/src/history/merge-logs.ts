import type { LogSource } from './log-source.js';
import { type LoggedEntry, type OnProgress, type ReadLog, readLog } from './read-log.js';

/**
 * Reads several logs at once, their entries in the order of time. Each log waits for its turn, so that memory holds one page of
 * each, whatever their size.
 * @param onProgress of all of them together
 */
export async function mergeLogs(
  sources: readonly LogSource[],
  visit: (source: LogSource, entry: LoggedEntry) => void,
  onProgress?: OnProgress,
): Promise<ReadLog[]> {
  const waiting = new Map<LogSource, { readonly timeMs: number; readonly go: () => void }>();
  const running = new Set(sources);
  const letOldestGo = () => {
    if (waiting.size < running.size) return;
    const [oldest] = [...waiting].sort(([, a], [, b]) => a.timeMs - b.timeMs);
    if (!oldest) return;
    waiting.delete(oldest[0]);
    oldest[1].go();
  };
  const queue = (source: LogSource) => (entry: LoggedEntry) =>
    new Promise<void>((resolve) => {
      const go = () => {
        visit(source, entry);
        resolve();
      };
      waiting.set(source, { timeMs: entry.leaf.timeMs, go });
      letOldestGo();
    });
  const progress = sources.map(() => ({ done: 0, size: 0 }));
  const tell = (at: number) => (done: number, size: number) => {
    progress[at] = { done, size };
    onProgress?.(sum(progress.map((one) => one.done)), sum(progress.map((one) => one.size)));
  };
  const reading = sources.map((source, at) =>
    readLog(source, queue(source), { onProgress: tell(at) }).finally(() => {
      running.delete(source);
      letOldestGo();
    }),
  );
  return await Promise.all(reading);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
