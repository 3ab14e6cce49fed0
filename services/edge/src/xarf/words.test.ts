import { schemaAt } from '@entente/contract';
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
  'core.json#/$defs/item/properties/site_type': words(PLATFORMS),
  'core.json#/$defs/report/properties/assessment/properties/method': words(...Object.values(METHODS)),
  'core.json#/$defs/protocol': words(PROTOCOLS),
  'categories/csam.json#/properties/details/properties/media_kind': words(MEDIA_KINDS),
  'categories/csam.json#/properties/details/properties/industry_class': words(CLASSIFICATIONS).filter(
    (word) => word !== 'baseline',
  ),
  'categories/csam.json#/properties/details/properties/victim_age_range': words(AGES),
  'categories/csam.json#/properties/details/properties/exploitation/items': words(EXPLOITATIONS),
  'categories/csam.json#/properties/details/properties/evidence_held/items': words(EVIDENCE_HELD),
  'categories/phishing.json#/properties/details/properties/lure': words(LURES),
  'categories/phishing.json#/properties/details/properties/evasion/items': words(EVASIONS),
  'categories/phishing.json#/properties/details/properties/credential_kinds/items': CREDENTIALS.map(
    ([, word]) => word,
  ),
  'categories/fraud.json#/properties/details/properties/fraud_type': words(FRAUD_TYPES),
  'categories/fraud.json#/properties/details/properties/payment_methods/items': words(PAYMENT_METHODS),
  'categories/fraud.json#/$defs/payment-references/properties/wallets/items/properties/currency':
    words(CURRENCIES),
  'categories/malware.json#/properties/details/properties/malware_type': words(MALWARE_TYPES),
  'categories/malware.json#/properties/details/properties/distribution': words(DISTRIBUTIONS),
  'categories/malware.json#/properties/details/properties/persistence/items': words(PERSISTENCE),
  'categories/malware.json#/properties/details/properties/platforms/items': words(SYSTEMS),
  'categories/malware.json#/properties/details/properties/sandbox/properties/verdict': words(VERDICTS),
  'categories/malware.json#/properties/details/properties/capabilities/items': words(
    CAPABILITIES,
    SERVER_CAPABILITIES,
  ),
  'categories/malware.json#/properties/details/properties/entry': ENTRIES.map(([, word]) => word),
};

describe('the words we translate into', () => {
  for (const [place, used] of Object.entries(TABLES)) {
    it(`are all listed at ${place}`, () => {
      expect(schemaAt(place).schema.enum).toEqual(expect.arrayContaining([...used]));
    });
  }
});
