import { readFileSync } from 'node:fs';
import type { DataClass } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { findClocks } from './find-standing.js';
import { SCENARIOS } from './fixture/scenarios.js';
import { ask, packs } from './fixture/shipped-packs.js';
import { crossing, DAY, withClocks } from './fixture/test-kit.js';
import type { Verdict } from './verdict.js';

interface Outcome {
  readonly verdict: string;
  readonly rules: string;
  readonly data: string;
}

/** Asked at every gate on the way; what the first verdict lets one cure is cured, and all are asked again. */
function outcomeOf(id: string): Outcome {
  const [from, to, changes, day = DAY] = SCENARIOS[id] ?? expect.fail(`no input for the scenario ${id}`);
  const sent = crossing(from, to, changes, { day });
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
  const verdicts = gates.filter(({ nation }) => packs.has(nation)).map(ask);
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

const { tables } = packs.get('DE') ?? expect.fail('no pack of DE');
const markdown = readFileSync(new URL('../../../docs/packs.md', import.meta.url), 'utf8');
const TABLE = markdown
  .split('\n')
  .map((line) => /^\| `([a-z-]+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$/.exec(line)?.slice(1) ?? [])
  .filter((cells) => cells.length > 0)
  .map(([id = '', , verdict = '', rules = '', data = '']) => ({ id, verdict, rules, data }));

/** As the edge of the sender states them, by the table of the recipient's nation. */
function clocksOf(id: string): string {
  const [from, to, changes] = SCENARIOS[id] ?? expect.fail(`no input for the scenario ${id}`);
  return findClocks(tables, crossing(from, to, changes))
    .map(
      ({ clock, minutes, kind, starts, ends }) =>
        `\`${clock}\` ${minutes / 60} h from \`${starts}\` to \`${ends}\` (${kind})`,
    )
    .join('; ');
}

const CLOCKS = [...markdown.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|$/gm)]
  .map(([, id = '', clocks = '']) => ({ id, clocks }))
  .filter(({ id }) => SCENARIOS[id]);

describe('the scenarios of docs/packs.md', () => {
  it('each have an input here', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(15);
    expect(TABLE.map(({ id }) => id).sort()).toEqual(Object.keys(SCENARIOS).sort());
  });

  it.each(TABLE)('$id: $verdict', ({ id, ...stated }) => {
    expect(outcomeOf(id)).toEqual(stated);
  });

  it.each(CLOCKS)('$id shows its clocks', ({ id, clocks }) => {
    expect(clocksOf(id)).toBe(clocks);
  });

  it('show clocks of some', () => {
    expect(CLOCKS.map(({ id }) => id)).toContain('removal-order-abroad');
  });
});
