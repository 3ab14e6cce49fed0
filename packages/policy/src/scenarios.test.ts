import { readFileSync } from 'node:fs';
import type { DataClass, Facts } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { ask } from './fixture/shipped-packs.js';
import { crossing, ORDER, withClocks } from './test-kit.js';
import type { Verdict } from './verdict.js';

// docs/packs.md states what becomes of each; here stands only what is sent.
const SCENARIOS: Readonly<Record<string, readonly [string, string, Partial<Facts>]>> = {
  'server-in-third-country': [
    'hotline.de',
    'isp.in',
    { category: 'csam', dataClasses: ['free-text', 'network-address', 'content-hash', 'suspect.account'] },
  ],
  'notice-to-third-country': [
    'hotline.de',
    'isp.in',
    { category: 'csam', legalBasis: ['gdpr-49-1-d'], dataClasses: ['network-address', 'content-hash'] },
  ],
  'prosecutor-orders-preservation': [
    'prosecutor.fr',
    'isp.nl',
    { ...ORDER.preserve, dataSought: ['traffic'], dataClasses: ['network-address'] },
  ],
  'prosecutor-asks-prosecutor': [
    'prosecutor.fr',
    'prosecutor.nl',
    {
      category: 'malware',
      action: 'preserve',
      purpose: 'assistance',
      legalBasis: ['budapest-29'],
      dataSought: ['traffic'],
      dataClasses: ['free-text', 'network-address'],
    },
  ],
  'speech-legal-at-home': [
    'hotline.gb',
    'isp.de',
    {
      category: 'hate-speech',
      criminality: 'not-stated',
      dataClasses: ['free-text', 'network-address', 'suspect.account'],
    },
  ],
  'child-in-danger-tonight': [
    'isp.de platform',
    'police.gb',
    {
      category: 'csam',
      action: 'inform',
      urgency: 'emergency',
      purpose: 'victim-protection',
      legalBasis: ['dsa-18', 'gdpr-6-1-d'],
      subjects: ['victim', 'customer'],
      dataClasses: ['free-text', 'customer.address', 'customer.account', 'victim.identity'],
    },
  ],
  'fraud-victim-reports': [
    'hotline.nl',
    'isp.de',
    {
      category: 'fraud',
      subjects: ['victim', 'reporter'],
      dataClasses: ['free-text', 'network-address', 'payment-reference', 'reporter.identity'],
    },
  ],
  'hacked-customer': [
    'hotline.fr',
    'isp.de access',
    {
      category: 'malware',
      action: 'inform',
      purpose: 'network-security',
      legalBasis: ['gdpr-6-1-f'],
      subjects: ['customer'],
      dataClasses: ['customer.address'],
    },
  ],
  'epoc-in-wrong-channel': [
    'prosecutor.fr',
    'isp.nl',
    {
      category: 'fraud',
      action: 'produce',
      force: 'order',
      instrument: 'epoc',
      dataSought: ['content'],
      dataClasses: ['customer.account'],
    },
  ],
  'dutch-prosecutor-blocks': [
    'prosecutor.nl',
    'isp.nl access',
    { ...ORDER.block, category: 'fraud', dataClasses: ['network-address'] },
  ],
  'removal-order-abroad': [
    'police.de',
    'isp.fr',
    { ...ORDER.tco, dataClasses: ['free-text', 'network-address'] },
  ],
  'french-data-to-britain': [
    'police.de',
    'police.gb',
    {
      category: 'fraud',
      action: 'inform',
      legalBasis: ['led-36'],
      origin: 'FR',
      dataClasses: ['suspect.identity', 'suspect.account'],
    },
  ],
  'witness-named-to-hotline': [
    'police.fr',
    'hotline.nl',
    {
      category: 'hate-speech',
      action: 'inform',
      legalBasis: ['led-8'],
      subjects: ['witness'],
      dataClasses: ['free-text', 'witness.identity'],
    },
  ],
  'british-list': [
    'hotline.gb',
    'isp.gb access',
    { category: 'csam', action: 'block', force: 'voluntary', dataClasses: ['network-address'] },
  ],
  'scanned-after-lapse': [
    'isp.nl platform',
    'police.nl',
    {
      category: 'csam',
      action: 'inform',
      legalBasis: ['csam-derogation'],
      dataClasses: ['content-hash', 'suspect.account'],
    },
  ],
};

interface Outcome {
  readonly verdict: string;
  readonly rules: string;
  readonly data: string;
}

/** Asked at every gate on the way; what the first verdict lets one cure is cured, and all are asked again. */
function outcomeOf(id: string): Outcome {
  const [from, to, changes] = SCENARIOS[id] ?? expect.fail(`no input for the scenario ${id}`);
  const sent = crossing(from, to, changes);
  const first = passGates(sent);
  if (first.decision !== 'refuse' || first.remedies.length === 0) {
    return { verdict: worded(first), rules: rulesOf(first), data: dataOf(first, sent) };
  }
  const cured = carryOut(sent, first.remedies);
  const second = passGates(cured);
  const after = first.remedies.map((remedy) => `\`${remedy}\``).join(', ');
  return {
    verdict: `${worded(second)} after ${after}`,
    rules: `${rulesOf(first)}; then ${rulesOf(second)}`,
    data: dataOf(second, cured),
  };
}

/** The first gate that does not let it pass has the last word. */
function passGates(sent: Crossing): Verdict {
  const gates: Crossing[] =
    sent.from.nation === sent.to.nation
      ? [sent]
      : [sent, { ...sent, nation: sent.to.nation, stage: 'enter' }];
  const verdicts = gates.map(ask);
  return verdicts.find(({ decision }) => decision !== 'permit') ?? (verdicts[0] as Verdict);
}

function carryOut(sent: Crossing, remedies: readonly string[]): Crossing {
  const dataClasses = sent.facts.dataClasses.flatMap((dataClass): DataClass[] => {
    if (remedies.includes(`redact:${dataClass}`)) return [];
    return remedies.includes(`pseudonymise:${dataClass}`) ? ['pseudonym'] : [dataClass];
  });
  const cured = { ...sent, facts: { ...sent.facts, dataClasses } };
  return remedies.includes('clocks') ? withClocks(cured) : cured;
}

function worded({ decision, awaits = [] }: Verdict): string {
  return [decision, ...awaits].join(' ');
}

function rulesOf({ rules }: Verdict): string {
  return rules.map(({ id, basis }) => `\`${id}\` (${basis})`).join('; ');
}

function dataOf({ decision }: Verdict, { facts }: Crossing): string {
  return decision === 'refuse' ? 'none' : [...facts.dataClasses].join(', ');
}

const markdown = readFileSync(new URL('../../../docs/packs.md', import.meta.url), 'utf8');
const TABLE = markdown
  .split('\n')
  .map((line) => /^\| `([a-z-]+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$/.exec(line)?.slice(1) ?? [])
  .filter((cells) => cells.length > 0)
  .map(([id = '', , verdict = '', rules = '', data = '']) => ({ id, verdict, rules, data }));

describe('the scenarios of docs/packs.md', () => {
  it('are fifteen, each with an input here', () => {
    expect(TABLE).toHaveLength(15);
    expect(TABLE.map(({ id }) => id).sort()).toEqual(Object.keys(SCENARIOS).sort());
  });

  it.each(TABLE)('$id: $verdict', ({ id, ...stated }) => {
    expect(outcomeOf(id)).toEqual(stated);
  });
});
