import { createHash } from 'node:crypto';
import { checkHash } from './check-hash.js';
import type { Findings } from './collect-findings.js';
import { filled } from './filled.js';
import { fitsForm } from './fits-form.js';
import { openFields } from './open-fields.js';
import type { XarfEvidence } from './parse-evidence.js';
import { readText } from './read-text.js';

const MOST_ITEMS = 20;
const PAYLOAD_FORM = 'evidence/items/properties/payload_base64';
const CSAM_MEDIA_TYPES = [
  'text/plain',
  'text/csv',
  'text/html',
  'application/json',
  'application/pdf',
  'message/rfc822',
];

/** Each item with what came of checking its hash. The payload goes along where the category allows and it is small enough. */
export function convertEvidence(
  list: readonly XarfEvidence[],
  category: string,
  findings: Findings,
): Record<string, unknown>[] {
  if (list.length > MOST_ITEMS) {
    findings.say(`evidence: the first ${MOST_ITEMS} of ${list.length} items are carried; keep the others`);
  }
  return list
    .slice(0, MOST_ITEMS)
    .map((item, index) => convertItem(item, index, category === 'csam', findings));
}

function convertItem(
  item: XarfEvidence,
  index: number,
  isCsam: boolean,
  findings: Findings,
): Record<string, unknown> {
  const fields = openFields(item.record, `evidence[${index}]`, findings);
  for (const name of ['content_type', 'payload', 'hash', 'size']) fields.raw(name);
  const isNamed = isCsam ? CSAM_MEDIA_TYPES.includes(item.mediaType) : fitsForm('media-type', item.mediaType);
  if (!isNamed) findings.misfit(fields.path('content_type'));
  const title = `evidence ${index + 1} (${isNamed ? item.mediaType : 'of another type'})`;

  const payload = Buffer.from(item.payload, 'base64');
  const { checked, algorithm, declared } = checkHash(payload, item.hash);
  if (checked === 'mismatch')
    findings.mismatch(`${title}: the declared ${algorithm} is not the one of the payload`);
  if (item.size !== undefined && item.size !== payload.length) {
    findings.say(`${title}: the declared size is not the one of the payload, which is carried instead`);
  }
  const description = fields.take('description', readText('short-text'));
  fields.close();
  return (
    filled({
      description: description ?? `Evidence ${index + 1} of the XARF report`,
      media_type: isNamed ? item.mediaType : undefined,
      size: payload.length,
      sha256: createHash('sha256').update(payload).digest('hex'),
      declared_hash: declared,
      hash_checked: checked,
      payload_base64: carriedPayload(payload, title, isCsam, findings),
    }) ?? {}
  );
}

function carriedPayload(
  payload: Buffer,
  title: string,
  isCsam: boolean,
  findings: Findings,
): string | undefined {
  if (payload.length === 0) {
    findings.say(`${title}: the payload is empty`);
    return undefined;
  }
  if (isCsam) {
    findings.say(
      `${title}: the payload stays with you, because a csam report carries none; its hash and description go`,
    );
    return undefined;
  }
  const base64 = payload.toString('base64');
  if (fitsForm(PAYLOAD_FORM, base64)) return base64;
  findings.say(`${title}: the payload is too large to be carried and stays with you; its hash goes`);
  return undefined;
}
