import { describe, expect, it } from 'vitest';
import { convert, makeReport } from './fixture/make-report.js';

describe('fraud', () => {
  it('keeps payments, losses and victims', () => {
    const { content } = convert(
      makeReport('content/fraud', {
        fraud_type: 'government_impersonation',
        payment_methods: ['paypal', 'venmo', 'wire_transfer', 'bank_transfer', 'western_union'],
        cryptocurrency_addresses: [{ currency: 'bitcoin', address: 'bc1qexampleexampleexampleexample00000' }],
        loss_amount: { currency: 'EUR', amount: 12.5 },
        victim_count: 3,
        claimed_entity: 'Tax Office',
      }),
    );
    expect(content.details).toEqual({
      fraud_type: 'authority-impersonation',
      impersonated_entity: 'Tax Office',
      payment_methods: ['wallet', 'bank-transfer', 'money-transfer'],
      payment_references: {
        wallets: [{ currency: 'btc', address: 'bc1qexampleexampleexampleexample00000' }],
      },
      loss: { amount: 12.5, currency: 'EUR' },
      victims_count: 3,
    });
  });
});
