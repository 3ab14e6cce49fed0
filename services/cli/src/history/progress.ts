import { progress } from '../print.js';
import type { LogSource } from './log-source.js';

const EVERY_MS = 2000;

/** Says on stderr how far a long run is; a short one says nothing. */
export function showProgress(
  what: string,
  now: () => number = Date.now,
): (done: number, size: number) => void {
  const startMs = now();
  let lastMs = startMs;
  return (done, size) => {
    const nowMs = now();
    if (nowMs - lastMs < EVERY_MS) return;
    lastMs = nowMs;
    const rate = Math.round((done * 1000) / (nowMs - startMs));
    const left = Math.ceil((size - done) / Math.max(rate, 1));
    progress(
      `${what}: ${done.toLocaleString('en')} of ${size.toLocaleString('en')} entries, ${rate.toLocaleString('en')}/s, about ${left} s left`,
    );
  };
}

/** The same of logs that are read together. */
export function showProgressOf(sources: readonly LogSource[]): (done: number, size: number) => void {
  return showProgress([...new Set(sources.map(({ nation }) => nation))].join(', '));
}
