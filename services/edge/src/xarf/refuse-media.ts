import { Rejection } from '@entente/contract';
import { tame } from './collect-findings.js';
import type { XarfReport } from './parse-report.js';

const REMEDY = 'A csam report must not carry it in any form: send the address and the hash.';

/**
 * A picture, film or sound in a report of child abuse, declared or disguised. No payload of such a report is ever carried, so this is
 * not what keeps the network clean; it tells the sender that its own system hands such material around.
 *
 * @throws Rejection `content-forbidden`
 */
export function refuseMedia(report: XarfReport): void {
  for (const [index, { mediaType, payload }] of report.evidence.entries()) {
    if (/^(?:image|video|audio)\//.test(mediaType) || isMedia(Buffer.from(payload.slice(0, 32), 'base64'))) {
      throw new Rejection(
        'content-forbidden',
        `evidence ${index + 1} is an image, a video or a sound. ${REMEDY}`,
      );
    }
  }
  const { evidence, ...rest } = report.record;
  const names = Array.isArray(evidence) ? evidence.map(withoutPayload) : [];
  const where = findEncoded([
    ['', rest],
    ...names.map((item, index) => [`evidence[${index}]`, item] as const),
  ]);
  if (where !== undefined) {
    throw new Rejection('content-forbidden', `${where} holds media or encoded data. ${REMEDY}`);
  }
}

function withoutPayload(item: object): object {
  const { payload, ...rest } = item as { payload?: unknown };
  return rest;
}

/** The first bytes of what a camera, a browser or a phone writes. */
const MAGIC = [
  'ffd8ff',
  '89504e470d0a1a0a',
  '474946383761',
  '474946383961',
  '49492a00',
  '4d4d002a',
  '1a45dfa3',
  '4f676753',
  '000001ba',
  '000001b3',
  '3026b2758e66cf11',
  '464c5601',
  '664c6143',
  '38425053',
  '0000000c6a502020',
];

function isMedia(start: Buffer): boolean {
  const hex = start.toString('hex');
  if (MAGIC.some((magic) => hex.startsWith(magic))) return true;
  const word = (from: number) => start.subarray(from, from + 4).toString('latin1');
  const isRiff = word(0) === 'RIFF' && ['WEBP', 'AVI ', 'WAVE'].includes(word(8));
  const isBitmap = word(0).startsWith('BM') && hex.slice(12, 20) === '00000000';
  const isId3 = word(0).startsWith('ID3') && (start[3] ?? 255) < 16;
  return isRiff || isBitmap || isId3 || word(4) === 'ftyp';
}

// The look-behind keeps the search linear: it begins only where a run begins.
const ENCODED =
  /data:(?:application|audio|image|text|video)\/|;base64,|(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{400}/i;

/** The depth is bounded already, see `parseReport`. */
function findEncoded(named: readonly (readonly [string, unknown])[]): string | undefined {
  for (const [where, value] of named) {
    if (typeof value === 'string' && ENCODED.test(value)) return where;
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.entries(value).map(
      ([name, member]) => [where === '' ? tame(name) : `${where}.${tame(name)}`, member] as const,
    );
    const found = findEncoded(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
