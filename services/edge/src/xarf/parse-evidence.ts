import { checkText, checkWhole, type Problems } from './check-text.js';
import { isRecord } from './open-fields.js';

export interface XarfEvidence {
  /** In lower case and without parameters. */
  readonly mediaType: string;
  readonly payload: string;
  /** As declared, in lower case: `sha256:` and hex digits, of whatever number. */
  readonly hash: string | undefined;
  readonly size: number | undefined;
  readonly record: Readonly<Record<string, unknown>>;
}

const MOST_ITEMS = 50;
const MOST_BYTES = 5 * 1024 * 1024;

/** XARF's own limits: 50 items of 5 MB. How much of it is carried is decided later. */
export function parseEvidence(list: unknown, problems: Problems): XarfEvidence[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) problems.push('/evidence must be a list');
  else if (list.length > MOST_ITEMS) {
    problems.push(`/evidence has ${list.length} items, the limit is ${MOST_ITEMS}`);
  } else return list.map((item, index) => parseItem(item, `/evidence/${index}`, problems));
  return [];
}

function parseItem(item: unknown, where: string, problems: Problems): XarfEvidence {
  if (!isRecord(item)) problems.push(`${where} must be an object`);
  const record = isRecord(item) ? item : {};
  const mediaType = checkText(record, 'content_type', where, /\S/, 'a media type', problems);
  return {
    mediaType: (mediaType.split(';')[0] ?? '').trim().toLowerCase(),
    payload: payloadOf(record.payload, where, problems),
    hash: hashOf(record, where, problems),
    size: checkWhole(record, 'size', where, [0, MOST_BYTES], problems),
    record,
  };
}

function payloadOf(payload: unknown, where: string, problems: Problems): string {
  if (payload === undefined || payload === null) problems.push(`${where}/payload is missing`);
  else if (typeof payload !== 'string') problems.push(`${where}/payload must be a text in base64`);
  else if (payload.length > Math.ceil(MOST_BYTES / 3) * 4)
    problems.push(`${where}/payload is larger than 5 MB`);
  else if (payload.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(payload)) {
    problems.push(`${where}/payload is not base64`);
  } else return payload;
  return '';
}

function hashOf(
  record: Readonly<Record<string, unknown>>,
  where: string,
  problems: Problems,
): string | undefined {
  if (record.hash === undefined || record.hash === null) return undefined;
  const form = /^(?:md5|sha1|sha256|sha512):[a-fA-F0-9]+$/;
  const want = 'md5, sha1, sha256 or sha512, a colon and hex digits';
  return checkText(record, 'hash', where, form, want, problems).toLowerCase();
}
