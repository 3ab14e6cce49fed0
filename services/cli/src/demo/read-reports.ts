import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonObject } from '../read-json.js';
import { UsageError } from '../usage.js';

/** One file to be sent: our own (with its sender), or a XARF v4 report that goes from one hotline to one provider. */
export interface ReportFile {
  readonly file: string;
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly kind: 'referral' | 'xarf';
  readonly body: unknown;
  readonly expect: string;
}

export const XARF_ROUTE = {
  from: 'hotline.de',
  to: 'isp.fr',
  to_role: 'hosting',
  from_role: 'hotline',
} as const;

const MAX_FILES = 1000;

/** @throws UsageError that names the file */
export function readReports(dir: string): ReportFile[] {
  const names = listJson(dir);
  if (names.length === 0)
    throw new UsageError(`${dir} holds no .json file. Name a folder of reports with --input.`);
  if (names.length > MAX_FILES)
    throw new UsageError(`${dir} holds ${names.length} reports; at most ${MAX_FILES} are sent in one go.`);
  return names.map((name) => readReport(join(dir, name), name));
}

function listJson(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    throw new UsageError(`cannot read the folder ${dir}.`);
  }
}

export function readReport(path: string, name: string): ReportFile {
  const value = readJsonObject(path);
  if ('xarf_version' in value) {
    return {
      file: name,
      title: titleOf(value),
      ...XARF_ROUTE,
      kind: 'xarf',
      body: value,
      expect: '',
    };
  }
  const { submission, from, title, expect } = value as {
    submission?: { to?: string };
    from?: string;
    title?: string;
    expect?: string;
  };
  if (!submission || typeof from !== 'string') {
    throw new UsageError(
      `${path} is neither a XARF v4 report nor a file with "from" and "submission" like those in examples/.`,
    );
  }
  return {
    file: name,
    title: title ?? name,
    from,
    to: submission.to ?? '',
    kind: 'referral',
    body: submission,
    expect: expect ?? '',
  };
}

function titleOf({ category, type }: Record<string, unknown>): string {
  const kind = [category, type].filter((word) => typeof word === 'string').join('/');
  return kind === '' ? 'a XARF report without "category" and "type"' : `XARF ${kind}`;
}
