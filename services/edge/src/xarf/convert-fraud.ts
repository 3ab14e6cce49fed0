import { convertHashes } from './convert-hashes.js';
import { convertPage } from './convert-page.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import { readAmount, readFlag, readWhole } from './read-number.js';
import { readExact, readText } from './read-text.js';
import { readWord, sameWords, unique } from './read-word.js';
import { remark } from './remark.js';

type JsonObject = Record<string, unknown>;

const FRAUD = 'categories/fraud.json#/properties/details/properties';
const WALLET = 'categories/fraud.json#/$defs/payment-references/properties/wallets/items/properties/address';
const MOST_MONEY = 1_000_000_000_000;

/** `content/fraud`: what takes money and gives nothing. Where the money goes has a data class of its own. */
export const convertFraud: Convert = (fields, report, findings) => ({
  about: 'content',
  item: {
    ...convertPage(fields, report, findings),
    kind: 'page',
    ...filled({ hashes: convertHashes(fields, findings) }),
  },
  details: filled({
    fraud_type: fields.take('fraud_type', readWord(FRAUD_TYPES)),
    scheme: fields.take('scheme_description', readText('text')),
    impersonated_entity: entityOf(fields, findings.dropped),
    payment_methods: unique(fields.list('payment_methods', 20, readWord(PAYMENT_METHODS))),
    payment_references: filled({ wallets: walletsOf(fields) }),
    loss: lossOf(fields, findings.dropped),
    victims_count: fields.take('victim_count', readWhole(0, 100_000_000)),
  }),
  remarks: [
    remark('Tactics', fields.list('social_engineering_tactics', 10, readText('line'))),
    fields.take('financial_loss_reported', readFlag) ? 'Victims have reported losses.' : undefined,
    fields.take('law_enforcement_contacted', readFlag) ? 'The reporter has contacted the police.' : undefined,
  ],
});

/** Three names for the same: the first that is there. */
function entityOf(fields: Fields, drop: (path: string) => void): string | undefined {
  const [first, ...others] = ['claimed_entity', 'impersonated_entity', 'target_brand']
    .map((name) => ({ name, entity: fields.take(name, readText('line')) }))
    .filter(({ entity }) => entity !== undefined);
  for (const { name, entity } of others) if (entity !== first?.entity) drop(name);
  return first?.entity;
}

function walletsOf(fields: Fields): JsonObject[] {
  return fields.groups('cryptocurrency_addresses', 50).flatMap((wallet) => {
    const address = wallet.take('address', readExact(WALLET));
    const currency = wallet.take('currency', readWord(CURRENCIES)) ?? 'other';
    return address === undefined ? [] : [{ currency, address }];
  });
}

function lossOf(fields: Fields, drop: (path: string) => void): JsonObject | undefined {
  const loss = fields.group('loss_amount');
  const amount = loss.take('amount', readAmount(0, MOST_MONEY));
  const currency = loss.take('currency', readExact(`${FRAUD}/loss/properties/currency`));
  const dollars = fields.take('estimated_loss_usd', readAmount(0, MOST_MONEY));
  if (amount !== undefined && currency !== undefined) {
    if (dollars !== undefined) drop('estimated_loss_usd');
    return { amount, currency };
  }
  if (amount !== undefined || currency !== undefined) drop('loss_amount');
  return dollars === undefined ? undefined : { amount: dollars, currency: 'USD', estimated: true };
}

export const FRAUD_TYPES = {
  ...sameWords(
    'investment',
    'romance',
    'tech-support',
    'lottery',
    'advance-fee',
    'shopping',
    'charity',
    'employment',
    'other',
  ),
  cryptocurrency: 'crypto-investment',
  government_impersonation: 'authority-impersonation',
} as const;

export const PAYMENT_METHODS = {
  ...sameWords('bank-transfer', 'other'),
  credit_card: 'card',
  cryptocurrency: 'crypto',
  gift_cards: 'gift-card',
  wire_transfer: 'bank-transfer',
  paypal: 'wallet',
  cashapp: 'wallet',
  venmo: 'wallet',
  western_union: 'money-transfer',
  moneygram: 'money-transfer',
} as const;

export const CURRENCIES = {
  ...sameWords('usdt', 'bnb', 'other'),
  bitcoin: 'btc',
  ethereum: 'eth',
  monero: 'xmr',
} as const;
