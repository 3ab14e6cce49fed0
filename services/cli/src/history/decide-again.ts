import type { wire } from '@entente/contract';
import { type Crossing, decideCached, type Pack } from '@entente/policy';
import type { FindingCode } from './finding-code.js';
import { hex } from './hex.js';
import { crossingOf } from './logged-crossing.js';

/** A pack by the hash that a record names, or in words why there is none. */
export type FindPack = (sha256: string) => Pack | string;

/**
 * Decides one logged crossing again, by the pack that it names and from its record alone.
 * @returns what speaks against the entry; undefined: the pack gives this verdict
 * @throws Rejection, Error if the record does not hold a question
 */
export function decideAgain(
  findPack: FindPack,
  record: wire.RecordFrame,
  header: wire.HeaderFrame,
): { readonly code: FindingCode; readonly detail: string } | undefined {
  const crossing = crossingOf(record, header);
  const pack = findPack(hex(record.packSha256));
  if (typeof pack === 'string') return { code: 'pack-missing', detail: pack };
  const detail = differences(pack, crossing, record.verdict);
  return detail === undefined ? undefined : { code: 'verdict-differs', detail };
}

/** In words, what the pack says otherwise than the log; undefined: nothing. */
function differences(
  pack: Pack,
  crossing: Crossing,
  logged: wire.RecordFrame['verdict'],
): string | undefined {
  const decided = plain(decideCached(pack, crossing));
  const written = plain(logged ?? {});
  const parts = FIELDS.filter((field) => decided[field] !== written[field]);
  if (parts.length === 0) return undefined;
  return parts.map((part) => `${part}: logged ${written[part]}, the pack says ${decided[part]}`).join('; ');
}

const FIELDS = [
  'decision',
  'rules',
  'code',
  'reason',
  'obligations',
  'remedies',
  'awaits',
  'holdMinutes',
] as const;
type Field = (typeof FIELDS)[number];

const NOTHING = {
  decision: '',
  rules: [],
  code: '',
  reason: '',
  obligations: [],
  remedies: [],
  awaits: [],
  holdMinutes: 0,
};

function plain(verdict: object): Record<Field, string> {
  const whole: Record<Field, unknown> = { ...NOTHING, ...verdict };
  return Object.fromEntries(FIELDS.map((field) => [field, JSON.stringify(whole[field])])) as Record<
    Field,
    string
  >;
}
