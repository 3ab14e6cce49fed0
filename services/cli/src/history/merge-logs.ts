import type { LogSource } from './log-source.js';
import { type LoggedEntry, type ReadLog, readLog } from './read-log.js';

/**
 * Reads several logs at once, their entries in the order of time. Each log waits for its turn, so that memory holds one page of
 * each, whatever their size.
 */
export async function mergeLogs(
  sources: readonly LogSource[],
  visit: (source: LogSource, entry: LoggedEntry) => void,
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
  const reading = sources.map((source) =>
    readLog(source, queue(source)).finally(() => {
      running.delete(source);
      letOldestGo();
    }),
  );
  return await Promise.all(reading);
}
