export type FaultCode =
  | 'file-missing'
  | 'file-malformed'
  | 'entry-mismatch'
  | 'tile-mismatch'
  | 'root-mismatch'
  | 'beyond-checkpoint'
  | 'unexpected-file'
  | 'too-many-faults';

/** Something wrong in a log's folder. */
export interface Fault {
  readonly code: FaultCode;
  /** Below the log's folder, with `/`. A stray file's name is its maker's: escape it before it meets a terminal. */
  readonly path: string;
  /** For people. */
  readonly detail: string;
}

/** Collects faults, the first 1,000: in a folder full of nonsense a list of all would not fit in memory. */
export function collectFaults(known: readonly Fault[] = []): {
  readonly faults: readonly Fault[];
  readonly report: ReportFault;
} {
  const faults = [...known];
  const report: ReportFault = (code, path, detail) => {
    if (faults.length < MAX_FAULTS) {
      faults.push({ code, path, detail });
    } else if (faults.length === MAX_FAULTS) {
      faults.push({ code: 'too-many-faults', path, detail: 'Further faults are not listed.' });
    }
  };
  return { faults, report };
}

export type ReportFault = (code: FaultCode, path: string, detail: string) => void;

/** How many faults are listed before `too-many-faults` ends the list. */
export const MAX_FAULTS = 1000;
