import { convertHashes } from './convert-hashes.js';
import { convertPage } from './convert-page.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import type { Reader } from './open-fields.js';
import { readUrl } from './read-address.js';
import { readText } from './read-text.js';
import { readWord, sameWords, unique } from './read-word.js';

/** `content/phishing`: a page that asks for credentials in somebody else's name. */
export const convertPhishing: Convert = (fields, report, findings) => ({
  about: 'content',
  item: {
    ...convertPage(fields, report, findings),
    kind: 'page',
    ...filled({ hashes: convertHashes(fields, findings) }),
  },
  details: filled({
    impersonated_brand: fields.take('target_brand', readText('line')),
    genuine_url: fields.take('cloned_site', readUrl),
    credential_kinds: unique(fields.list('credential_fields', 50, readCredential)),
    lure: fields.take('lure_type', readWord(LURES)),
    kit: fields.take('phishing_kit', readText('line')),
    redirect_chain: fields.list('redirect_chain', 20, readUrl),
    submission_url: fields.take('submission_url', readUrl),
    evasion: unique(fields.list('detection_evasion', 20, readWord(EVASIONS))),
  }),
  remarks: [],
});

/** XARF leaves the names of form fields free: the usual ones are known, the rest is "other". */
const readCredential: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.trim() === '' || value.length > 100) return undefined;
  const name = value.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return CREDENTIALS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
};

/** In this order: a "card_pin" is a card's, a "user_email" an e-mail address. */
export const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/card|cvv|cvc|expir|^pan$/, 'card'],
  [/e_?mail/, 'email'],
  [/otp|one_time|2fa|mfa|totp|sms_?code|(^|_)(tan|token_code|verification_code|code)(_|$)/, 'one-time-code'],
  [/passphrase_words|seed|mnemonic|recovery_phrase|private_key/, 'seed-phrase'],
  [/passport|ssn|social_security|national_id|id_number|id_card|tax_id|driver/, 'id-document'],
  [/iban|account_number|routing|sort_code|bank/, 'bank-account'],
  [/pass/, 'password'],
  [/(^|_)pin(_|$)/, 'pin'],
  [/birth|(^|_)dob(_|$)/, 'birth-date'],
  [/phone|mobile|(^|_)tel(_|$)/, 'phone'],
  [/address|street|zip|postal/, 'address'],
  [/session|cookie|token/, 'session'],
  [/user|login|account|(^|_)(name|id)(_|$)/, 'username'],
];

export const LURES = {
  ...sameWords('security-alert', 'password-reset', 'tax-refund', 'other'),
  account_suspension: 'account-suspended',
  payment_issue: 'payment-problem',
  prize_notification: 'prize',
  document_share: 'shared-document',
  shipping_notification: 'parcel',
} as const;

export const EVASIONS = {
  ...sameWords('geo-blocking', 'captcha', 'obfuscation', 'other'),
  user_agent_filtering: 'user-agent-filter',
  referrer_checking: 'referrer-check',
  time_based_display: 'time-window',
  ip_blacklisting: 'ip-filter',
} as const;
