import { Rejection } from '@entente/contract';
import type { Edge } from './state.js';

/**
 * What is refused under a directory that has a successor by now is decided once more, under that: a member, a key or a log that this edge does
 * not know may be a new one, and some refusals end a message for good. By a clock that is wrong no directory is looked for.
 * @param work has done nothing where it refuses
 * @throws what `work` throws the last time; Error if nobody can look: it is not refused then
 */
export async function underLatest<T>(
  edge: Pick<Edge, 'directory' | 'refreshDirectory' | 'clock'>,
  work: () => T | Promise<T>,
): Promise<T> {
  const before = edge.directory();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Rejection) || !edge.clock.agrees()) throw error;
    await edge.refreshDirectory();
    if (edge.directory() === before) throw error;
    return await work();
  }
}
