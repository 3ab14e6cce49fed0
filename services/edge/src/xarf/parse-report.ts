import { LIMITS, Rejection } from '@entente/contract';
import { isRecord } from './open-fields.js';
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

export interface XarfEvidence {
  /** In lower case and without parameters. */
  readonly mediaType: string;
  readonly payload: string;
  readonly hash: string | undefined;
  readonly size: number | undefined;
  readonly record: Readonly<Record<string, unknown>>;
}

type Problems = string[];

const MOST_EVIDENCE = 50;
const MOST_PAYLOAD = 5 * 1024 * 1024;
const MOST_TEXT = 2_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CATEGORIES = /^(?:messaging|content|copyright|connection|vulnerability|infrastructure|reputation)$/;

/**
 * The core rules of XARF v4 (xarf.org, `xarf-core.json`): what must be there, of which type, and how much of it.
 * @throws Rejection `content-invalid`: what is wrong and where, never with the value
 */
export function parseReport(value: unknown): XarfReport {
  if (!isRecord(value)) throw new Rejection('content-invalid', 'not a XARF v4 report: it is not a JSON object');
  const { _internal, ...record } = value;
  refuseDepth(record);
  const problems: Problems = [];
  const text = (name: string, form: RegExp, want: string) => textOf(record, `/${name}`, form, want, problems);
  const report = {
    version: text('xarf_version', /^4(?:\.[0-9]{1,3}){1,2}$/, '4.x; convert older reports first'),
    reportId: text('report_id', UUID, 'a UUID'),
    timestamp: timeOf(record, problems),
    sourceIdentifier: text('source_identifier', /\S/, 'an IP address, a domain or another identifier'),
    sourcePort: portOf(record, problems),
    category: text('category', CATEGORIES, 'one of the categories of XARF v4'),
    type: text('type', /^[a-z0-9][a-z0-9_-]{0,39}$/, 'a type of XARF v4').replaceAll('-', '_'),
    evidence: evidenceOf(record, problems),
    record,
  };
  for (const party of ['reporter', 'sender']) checkParty(record, party, problems);
  if (problems.length === 0) return report;
  const shown = problems.slice(0, 5).join('; ');
  throw new Rejection('content-invalid', `not a XARF v4 report: ${shown}${problems.length > 5 ? '; …' : ''}`);
}

/** Level by level, without recursion: the depth is the attacker's choice, our stack is not. */
function refuseDepth(record: object): void {
  let level: object[] = [record];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LIMITS.contentDepth) {
      throw new Rejection('content-invalid', `the report is nested more than ${LIMITS.contentDepth} levels deep`);
    }
    level = level.flatMap((parent) =>
      Object.values(parent).filter((child): child is object => typeof child === 'object' && child !== null),
    );
  }
}

function textOf(
  record: Readonly<Record<string, unknown>>,
  where: string,
  form: RegExp,
  want: string,
  problems: Problems,
): string {
  const name = where.slice(where.lastIndexOf('/') + 1);
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (value === undefined || value === null) problems.push(`${where} is missing`);
  else if (typeof value !== 'string') problems.push(`${where} must be a text`);
  else if (value.length > MOST_TEXT) problems.push(`${where} is longer than ${MOST_TEXT} characters`);
  else if (!form.test(value)) problems.push(`${where} must be ${want}`);
  else return value;
  return '';
}

function timeOf(record: Readonly<Record<string, unknown>>, problems: Problems): string {
  const text = textOf(record, '/timestamp', /./, 'a time', problems);
  const time = readTime(text, () => undefined);
  if (time === undefined && text !== '') problems.push('/timestamp must be a time in RFC 3339 with its offset');
  return time ?? '';
}

/** Strict, because behind a shared address the port alone tells one customer from another. */
function portOf(record: Readonly<Record<string, unknown>>, problems: Problems): number | undefined {
  const port = record.source_port;
  if (port === undefined || port === null) return undefined;
  if (Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535) return Number(port);
  problems.push('/source_port must be a whole number from 1 to 65535');
  return undefined;
}

function checkParty(record: Readonly<Record<string, unknown>>, party: string, problems: Problems): void {
  const value = record[party];
  if (value === undefined || value === null) problems.push(`/${party} is missing`);
  else if (!isRecord(value)) problems.push(`/${party} must be an object`);
  else for (const name of ['org', 'contact', 'domain']) textOf(value, `/${party}/${name}`, /\S/, 'filled in', problems);
}

function evidenceOf(record: Readonly<Record<string, unknown>>, problems: Problems): XarfEvidence[] {
  const list = record.evidence ?? [];
  if (!Array.isArray(list)) problems.push('/evidence must be a list');
  else if (list.length > MOST_EVIDENCE) {
    problems.push(`/evidence has ${list.length} items, the limit is ${MOST_EVIDENCE}`);
  } else return list.map((item, index) => evidenceItem(item, `/evidence/${index}`, problems));
  return [];
}

function evidenceItem(item: unknown, where: string, problems: Problems): XarfEvidence {
  const record = isRecord(item) ? item : {};
  if (!isRecord(item)) problems.push(`${where} must be an object`);
  const mediaType = textOf(record, `${where}/content_type`, /\S/, 'a media type', problems);
  return {
    mediaType: (mediaType.split(';')[0] ?? '').trim().toLowerCase(),
    payload: payloadOf(record, where, problems),
    hash: hashOf(record, where, problems),
    size: sizeOf(record, where, problems),
    record,
  };
}

function payloadOf(record: Readonly<Record<string, unknown>>, where: string, problems: Problems): string {
  const { payload } = record;
  if (typeof payload !== 'string') problems.push(`${where}/payload must be a text in base64`);
  else if (payload.length > Math.ceil(MOST_PAYLOAD / 3) * 4) problems.push(`${where}/payload is larger than 5 MB`);
  else if (payload.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(payload)) {
    problems.push(`${where}/payload is not base64`);
  } else return payload;
  return '';
}

function hashOf(record: Readonly<Record<string, unknown>>, where: string, problems: Problems): string | undefined {
  if (record.hash === undefined || record.hash === null) return undefined;
  const form = /^(?:md5|sha1|sha256|sha512):[a-fA-F0-9]+$/;
  return textOf(record, `${where}/hash`, form, 'md5, sha1, sha256 or sha512, a colon and hex digits', problems).toLowerCase();
}

function sizeOf(record: Readonly<Record<string, unknown>>, where: string, problems: Problems): number | undefined {
  const { size } = record;
  if (size === undefined || size === null) return undefined;
  if (Number.isSafeInteger(size) && Number(size) >= 0) return Number(size);
  problems.push(`${where}/size must be a number of bytes`);
  return undefined;
}
