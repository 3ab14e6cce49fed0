import type { Findings } from './collect-findings.js';
import type { Fields } from './open-fields.js';
import type { XarfReport } from './parse-report.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** What a report of one type becomes in our content; what all types have in common is added to it. */
export interface Converted {
  /** `content`: somebody put it there to do harm. `server`: an honest machine that was broken into. `line`: a customer's machine. */
  readonly about: 'content' | 'server' | 'line';
  readonly item: JsonObject;
  readonly people?: JsonObject | undefined;
  readonly details?: JsonObject | undefined;
  readonly references?: readonly JsonObject[];
  /** Sentences for the summary: what a person should read and no field can hold. */
  readonly remarks: readonly (string | undefined)[];
}

export type Convert = (fields: Fields, report: XarfReport, findings: Findings) => Converted;
