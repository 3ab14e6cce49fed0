import { readFileSync, statSync } from 'node:fs';
import { withoutQuote } from './without-quote.js';

/** What an operator, or a command for one, has laid into a service's folder. */
export interface OperatorFile {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const KIB = 1024;

/**
 * A JSON object in a file of an operator. It is small, so that nothing waits while it is read; what is larger is not read at all.
 * @param mostBytes in whole KiB
 * @returns undefined if there is no such file; in words, what is wrong with it and where: who reads them knows which file it is
 */
export function readOperatorFile(path: string, mostBytes = 64 * KIB): OperatorFile | string | undefined {
  try {
    const stat = statSync(path);
    // A pipe or a device would have no end.
    if (!stat.isFile()) return 'it is no file';
    const bytes = stat.size > mostBytes ? undefined : readFileSync(path);
    // It may have grown meanwhile.
    if (!bytes || bytes.length > mostBytes) return `it is longer than ${mostBytes / KIB} KiB`;
    return parse(bytes.toString('utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : `it cannot be read: ${code}`;
  }
}

function parse(text: string): OperatorFile | string {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { text, value: value as OperatorFile['value'] } : 'it is no JSON object';
  } catch (error) {
    return `it is no JSON object: ${withoutQuote(error)}`;
  }
}
