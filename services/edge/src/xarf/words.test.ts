import { SCHEMAS } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { ENTRIES, CAPABILITIES as SERVER_CAPABILITIES } from './convert-break-in.js';
import {
  AGES,
  CLASSIFICATIONS,
  EVIDENCE_HELD,
  EXPLOITATIONS,
  MEDIA_KINDS,
  PLATFORMS,
} from './convert-csam.js';
import { CURRENCIES, FRAUD_TYPES, PAYMENT_METHODS } from './convert-fraud.js';
import { CAPABILITIES } from './convert-infection.js';
import { DISTRIBUTIONS, MALWARE_TYPES, PERSISTENCE, SYSTEMS, VERDICTS } from './convert-malware.js';
import { CREDENTIALS, EVASIONS, LURES } from './convert-phishing.js';
import { PROTOCOLS } from './convert-servers.js';
import { METHODS } from './convert-source.js';

const words = (...tables: object[]): string[] => tables.flatMap((table) => Object.values(table));

/** Our words, and the place in our schemas that lists them. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'core#/$defs/item/properties/site_type': words(PLATFORMS),
  'core#/$defs/report/properties/assessment/properties/method': words(...Object.values(METHODS)),
  'core#/$defs/protocol': words(PROTOCOLS),
  'categories/csam#/properties/details/properties/media_kind': words(MEDIA_KINDS),
  'categories/csam#/properties/details/properties/industry_class': words(CLASSIFICATIONS).filter(
    (word) => word !== 'baseline',
  ),
  'categories/csam#/properties/details/properties/victim_age_range': words(AGES),
  'categories/csam#/properties/details/properties/exploitation/items': words(EXPLOITATIONS),
  'categories/csam#/properties/details/properties/evidence_held/items': words(EVIDENCE_HELD),
  'categories/phishing#/properties/details/properties/lure': words(LURES),
  'categories/phishing#/properties/details/properties/evasion/items': words(EVASIONS),
  'categories/phishing#/properties/details/properties/credential_kinds/items': CREDENTIALS.map(
    ([, word]) => word,
  ),
  'categories/fraud#/properties/details/properties/fraud_type': words(FRAUD_TYPES),
  'categories/fraud#/properties/details/properties/payment_methods/items': words(PAYMENT_METHODS),
  'categories/fraud#/$defs/payment-references/properties/wallets/items/properties/currency':
    words(CURRENCIES),
  'categories/malware#/properties/details/properties/malware_type': words(MALWARE_TYPES),
  'categories/malware#/properties/details/properties/distribution': words(DISTRIBUTIONS),
  'categories/malware#/properties/details/properties/persistence/items': words(PERSISTENCE),
  'categories/malware#/properties/details/properties/platforms/items': words(SYSTEMS),
  'categories/malware#/properties/details/properties/sandbox/properties/verdict': words(VERDICTS),
  'categories/malware#/properties/details/properties/capabilities/items': words(
    CAPABILITIES,
    SERVER_CAPABILITIES,
  ),
  'categories/malware#/properties/details/properties/entry': ENTRIES.map(([, word]) => word),
};

describe('the words we translate into', () => {
  for (const [place, used] of Object.entries(TABLES)) {
    it(`are all listed at ${place}`, () => {
      expect(listAt(place)).toEqual(expect.arrayContaining([...used]));
    });
  }
});

function listAt(place: string): unknown {
  const [file, pointer = ''] = place.split('#/');
  const root: unknown = SCHEMAS.find(({ schema }) => schema.$id.endsWith(`/schemas/${file}.json`))?.schema;
  const found = pointer
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], root);
  return (found as { enum?: unknown } | undefined)?.enum;
}
