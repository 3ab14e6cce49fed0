import { LIMITS, Rejection } from '@entente/contract';
import { checkText, checkWhole, type Problems } from './check-text.js';
import { isRecord } from './open-fields.js';
import { parseEvidence, type XarfEvidence } from './parse-evidence.js';
import { readTime } from './read-number.js';

/** The core of a XARF v4 report, checked; the rest of it is read field by field and may hold anything. */
export interface XarfReport {
  readonly version: string;
  readonly reportId: string;
  /** When it happened, in UTC. */
  readonly timestamp: string;
  readonly sourceIdentifier: string;
  readonly sourcePort: number | undefined;
  readonly category: string;
  /** With `_`, whichever way it was spelt. */
  readonly type: string;
  readonly evidence: readonly XarfEvidence[];
  /** The whole report but for `_internal`, which XARF forbids to transmit. */
  readonly record: Readonly<Record<string, unknown>>;
}

const VERSION = /^4(?:\.[0-9]{1,3}){1,2}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CATEGORY = /^(?:messaging|content|copyright|connection|vulnerability|infrastructure|reputation)$/;
const TYPE = /^[a-z0-9][a-z0-9_-]{0,39}$/;

/**
 * The core rules of XARF v4 (xarf.org, `xarf-core.json`): what must be there, of which type, and how much of it.
 * @throws Rejection `content-invalid`: what is wrong and where, never with the value
 */
export function parseReport(value: unknown): XarfReport {
  if (!isRecord(value))
    throw new Rejection('content-invalid', 'not a XARF v4 report: it is not a JSON object');
  const { _internal, ...record } = value;
  refuseDepth(record);
  const problems: Problems = [];
  const text = (name: string, form: RegExp, want: string) =>
    checkText(record, name, '', form, want, problems);
  const report = {
    version: text('xarf_version', VERSION, '4.x; a report of an older version has to be converted first'),
    reportId: text('report_id', UUID, 'a UUID'),
    timestamp: timeOf(record, problems),
    sourceIdentifier: text('source_identifier', /\S/, 'an IP address, a domain or another identifier'),
    // Strict, because behind a shared address the port alone tells one customer from another.
    sourcePort: checkWhole(record, 'source_port', '', [1, 65_535], problems),
    category: text('category', CATEGORY, 'one of the categories of XARF v4'),
    type: text('type', TYPE, 'a type of XARF v4').replaceAll('-', '_'),
    evidence: parseEvidence(record.evidence, problems),
    record,
  };
  for (const party of ['reporter', 'sender']) checkParty(record[party], party, problems);
  if (problems.length === 0) return report;
  const more = problems.length > 5 ? '; …' : '';
  throw new Rejection('content-invalid', `not a XARF v4 report: ${problems.slice(0, 5).join('; ')}${more}`);
}

/** Level by level, without recursion: the depth is the attacker's choice, our stack is not. */
function refuseDepth(record: object): void {
  let level: object[] = [record];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LIMITS.contentDepth) {
      throw new Rejection(
        'content-invalid',
        `the report is nested more than ${LIMITS.contentDepth} levels deep`,
      );
    }
    level = level.flatMap((parent) =>
      Object.values(parent).filter((child): child is object => typeof child === 'object' && child !== null),
    );
  }
}

function timeOf(record: Readonly<Record<string, unknown>>, problems: Problems): string {
  const text = checkText(record, 'timestamp', '', /./, 'a time', problems);
  const time = readTime(text, () => undefined);
  if (time === undefined && text !== '')
    problems.push('/timestamp must be a time in RFC 3339, with its offset');
  return time ?? '';
}

function checkParty(party: unknown, name: string, problems: Problems): void {
  if (party === undefined || party === null) problems.push(`/${name} is missing`);
  else if (!isRecord(party)) problems.push(`/${name} must be an object`);
  else
    for (const field of ['org', 'contact', 'domain'])
      checkText(party, field, `/${name}`, /\S/, 'filled in', problems);
}
