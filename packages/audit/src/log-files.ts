import { filesBelow, partialWidths, readLogFile } from './log-folder.js';

/** The files of a log, wherever they lie. Whoever shows them controls every byte, and how many there are. */
export interface LogFiles {
  /**
   * @param path below the log's folder, with `/`
   * @returns `malformed` for what is no file of at most `maxBytes`
   * @throws whatever speaks against the place and not against the log: nobody answers there, the disk fails
   */
  readonly read: (path: string, maxBytes: number) => Promise<Buffer | 'missing' | 'malformed'>;
  /** The widths, 1 to 255, of the partial files of the full tile or bundle at this path; none where files cannot be listed. */
  readonly partialWidths: (fullPath: string) => Promise<readonly number[]>;
  /** All files below a path; none where files cannot be listed. */
  readonly filesBelow: (path: string) => AsyncIterable<string> | Iterable<string>;
}

/** A log in a folder (C2SP tlog-tiles), as its ledger writes it or as somebody has copied it. */
export function folderFiles(dir: string): LogFiles {
  return {
    read: (path, maxBytes) => readLogFile(dir, path, maxBytes),
    partialWidths: (fullPath) => partialWidths(dir, fullPath),
    filesBelow: (path) => filesBelow(dir, path),
  };
}
