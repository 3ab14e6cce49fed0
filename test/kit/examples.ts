import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = fileURLToPath(new URL('../..', import.meta.url));
export const examplesDir = join(repoRoot, 'examples');

/** Real XARF v4 reports; they are not part of the project, and a test that needs them says so where they are absent. */
export const xarfSamplesDir = join(repoRoot, '../shared/data/xarf-v4/samples');
export const hasXarfSamples = existsSync(xarfSamplesDir);

export interface Example {
  readonly file: string;
  readonly from: string;
  readonly expect: 'delivered' | 'refused';
  readonly submission: Submission;
}

export interface Submission {
  readonly to: string;
  readonly to_role: string;
  readonly from_role: string;
  readonly content: Record<string, unknown>;
  readonly [key: string]: unknown;
}

export function examples(): Example[] {
  return readdirSync(examplesDir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      ...(JSON.parse(readFileSync(join(examplesDir, file), 'utf8')) as Omit<Example, 'file'>),
      file,
    }));
}

/** A report that passes: a phishing page, from one member to another; an emergency, unless `change` says otherwise. */
export function phishingNotice(
  to: string,
  summary = 'A login page that imitates a bank.',
  change: Readonly<Record<string, unknown>> = {},
): Submission {
  const example = examples().find(({ file }) => file.startsWith('14-phishing'));
  if (!example) throw new Error('the phishing example is gone');
  return { ...example.submission, to, content: { ...example.submission.content, summary, ...change } };
}

/** Every second one an emergency: these have a way of their own to the gate. */
export const everySecond = (i: number) => ({ urgency: i % 2 === 0 ? 'urgent' : 'emergency' });
