import { createHash } from 'node:crypto';
import { EdgeRefusal } from '../network/ask-edge.js';
import { UsageError } from '../usage.js';

/** Of commands that send: under one key an edge takes one message, so that a command that is run again sends nothing twice. */
export const KEY_OPTION = [
  '--key <word>',
  'send it again, though the same was sent before: under a word of your own, which again is taken once',
] as const;

export interface KeyOptions {
  readonly key?: string;
}

/** The word of `--key`; else one that is the same for the same `said`, and for nothing else. @throws UsageError */
export function keyOf({ key }: KeyOptions, said: unknown): string {
  if (key !== undefined) return checkKey(key);
  return `cli-${createHash('sha256').update(JSON.stringify(said)).digest('hex')}`;
}

/** @throws UsageError for what no header carries */
export function checkKey(key: string): string {
  if (!/^[!-~]{1,200}$/.test(key))
    throw new UsageError(`--key takes 1 to 200 ASCII characters without a space, not "${key}".`);
  return key;
}

/** What to tell of a message that the same command had sent before. */
export function sayRepeat({ id, isNew }: { readonly id: string; readonly isNew: boolean }): string[] {
  return isNew ? [] : [`  already sent as ${id}, and not again; another --key sends it again`];
}

/** For `catch`: how the command line says what an edge wants. */
export function namingKey(error: unknown): never {
  if (!(error instanceof EdgeRefusal) || error.code !== 'idempotency-conflict') throw error;
  const words = `${error.message} On the command line: another --key.`;
  throw new EdgeRefusal(error.status, error.code, words, error);
}
