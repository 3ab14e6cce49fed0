import { parseProof } from '@entente/audit';
import { chooseLog, replayLog } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { sealed } from '../kit/hostile.js';
import { type Claimed, logAs } from '../kit/log-as.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => {
  await net?.stop();
});

const log = () => chooseLog({ home: net.home.dir, nation: 'DE' });

describe('a gate that lies is found, whatever it had its ledger write', () => {
  const input = { fromTypes: ['hotline'], toTypes: ['isp'], approvals: [] };
  const hold = { decision: 'hold', awaits: ['court@DE'], holdMinutes: 60 };
  const approvals = [{ role: 'court', nation: 'DE' }];

  it.each<[string, Partial<Claimed>, string]>([
    ['a permit that no rule gave', { record: { input } }, 'verdict-differs'],
    ['a hold that no rule asked for', { record: { verdict: hold, input } }, 'verdict-differs'],
    ['a permit without its question', {}, 'record-unreadable'],
    ['a referral passed as evidence', { event: 'evidence' }, 'kind-mismatch'],
    ['a release that nobody gave', { record: { input: { ...input, approvals } } }, 'approval-not-logged'],
    [
      'a decision on a day that suits it',
      { record: { input, decidedAtMs: Date.parse('2026-03-01') } },
      'decided-at-another-time',
    ],
  ])('%s', async (_what, claimed, code) => {
    const before = (await replayLog(log())).faults.length;
    const { envelope } = await sealed(net.home, 'hotline.de', phishingNotice('isp.fr'));
    const { proof } = await logAs(net.home, 'DE', envelope, { stage: 'leave', ...claimed });
    const { faults } = await replayLog(log());
    expect(faults.slice(before).map((fault) => fault.code)).toContain(code);
    expect(faults.at(-1)?.index).toBe(parseProof(proof).index);
  });
});
