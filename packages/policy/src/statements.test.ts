import type { Facts } from '@entente/contract';
import { expect, it } from 'vitest';
import type { Crossing } from './crossing.js';
import { decide } from './decide.js';
import { loadPack } from './load-pack.js';
import { packsDir } from './packs-dir.js';
import { crossing, ORDER, withCopy } from './test-kit.js';
import type { Verdict } from './verdict.js';

// Everything that these statements can depend on, merged where rules and tables make no difference. The first message
// that contradicts one is the message of the failure.
const SENDERS = ['hotline.fr', 'ministry.fr', 'court.fr', 'isp.fr'];
const RECIPIENTS = ['hotline2', 'ministry2', 'isp2 hosting', 'isp2 access', 'isp2 registrar'];
const ACTIONS = [
  'assess',
  'remove',
  'restore',
  'block',
  'unblock',
  'preserve',
  'release',
  'produce',
  'inform',
] as const;
const DEMANDS: readonly Partial<Facts>[] = [
  { category: 'malware', force: 'notice', purpose: 'network-security', legalBasis: ['dsa-18'] },
  ORDER.tco,
  ORDER.block,
  ORDER.preserve,
  ORDER.court,
  { category: 'csam', force: 'order', instrument: '' },
];
const DATA: readonly Partial<Facts>[] = [
  { dataClasses: ['free-text'] },
  { dataClasses: ['victim.identity'] },
  { dataClasses: ['reporter.identity'] },
  { dataClasses: ['reporter.identity'], reporterConsent: true },
];

function* space(from: string): Generator<Crossing> {
  for (const to of RECIPIENTS)
    for (const nation of ['fr', 'nl'])
      for (const demand of DEMANDS)
        for (const action of ACTIONS)
          for (const data of DATA)
            yield crossing(
              from,
              to.replace(/^\w+/, (name) => `${name}.${nation}`),
              { ...demand, ...data, action },
            );
}

const PROVIDERS = ['hosting', 'access', 'platform', 'registrar', 'cdn'];
const AUTHORITIES = ['police', 'prosecutor', 'court', 'ministry', 'regulator'];

/** Each says what must be true of a message that passes. */
const STATEMENTS: Readonly<Record<string, (crossed: Crossing) => boolean>> = {
  'a victim never reaches a provider without an order': ({ to, facts }) =>
    !facts.dataClasses.some((word) => word.startsWith('victim.')) ||
    !PROVIDERS.includes(to.role) ||
    facts.force === 'order',
  'a reporter crosses a border only with consent or to an authority': ({ from, to, facts }) =>
    !facts.dataClasses.includes('reporter.identity') ||
    from.nation === to.nation ||
    facts.reporterConsent ||
    AUTHORITIES.includes(to.role),
  'no order passes without a row of the competence table': ({ from, to, facts, day }) =>
    facts.force !== 'order' ||
    pack.tables.competence.some(
      (row) =>
        [row.nation, row.role, row.instrument].join() === [from.nation, from.role, facts.instrument].join() &&
        row.categories.includes(facts.category) &&
        row.actions.includes(facts.action) &&
        (from.nation === to.nation || row.crossBorder) &&
        row.from <= day,
    ),
  'only authorities order': ({ from, facts }) => facts.force !== 'order' || AUTHORITIES.includes(from.role),
  'a block goes to an access provider, by order only': ({ to, facts }) =>
    facts.action !== 'block' || (to.role === 'access' && facts.force === 'order'),
  'customer data is never ordered across a border': ({ from, to, facts }) =>
    facts.action !== 'produce' || from.nation === to.nation,
};

const pack = loadPack(packsDir, 'FR');

it.each(SENDERS)('they hold for every message of the space that passes, from %s', (sender) => {
  const count: Record<Verdict['decision'], number> = { permit: 0, refuse: 0, hold: 0 };
  for (const crossed of space(sender)) {
    const verdict = decide(pack, crossed);
    count[verdict.decision] += 1;
    if (verdict.reason === '' || verdict.alarm) expect.fail(`no proper answer to ${JSON.stringify(crossed)}`);
    if (verdict.decision !== 'permit') continue;
    for (const [statement, holds] of Object.entries(STATEMENTS)) {
      if (!holds(crossed)) expect.fail(`not true: ${statement}: ${JSON.stringify(crossed)}`);
    }
  }
  // A space in which nothing passes, or hardly anything is refused, would prove nothing.
  expect(count.permit).toBeGreaterThan(20);
  expect(count.refuse).toBeGreaterThan(1000);
});

it.each([
  ['a victim never reaches a provider without an order', 'limits-people'],
  ['a reporter crosses a border only with consent or to an authority', 'limits-people'],
])('would notice that %s is gone', (statement, file) => {
  const without = withCopy(({ dir, edit }) => {
    edit(`base/${file}.cedar`, () => '// none');
    edit('base/notices.cedar', (text) =>
      text.replaceAll('DataClass::"free-text"', 'DataClass::"free-text", DataClass::"victim.identity"'),
    );
    return loadPack(dir, 'FR');
  });
  const holds = STATEMENTS[statement] ?? (() => true);
  const asked = (['victim.identity', 'reporter.identity'] as const).map((word) =>
    crossing('hotline.fr', 'isp.nl', { dataClasses: [word] }),
  );
  expect(asked.some((crossed) => decide(without, crossed).decision === 'permit' && !holds(crossed))).toBe(
    true,
  );
});

it.each([1, 2, 3, 4])('never turns a refusal into a permit by adding a forbid (seed %i)', (seed) => {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const all = SENDERS.flatMap((sender) => [...space(sender)]);
  for (let round = 0; round < 10; round++) {
    const terms = [
      `action == Action::"${pick(ACTIONS)}"`,
      `context.facts.dataClasses.contains(DataClass::"${pick(['free-text', 'victim.image', 'reporter.identity'])}")`,
      `${pick(['principal', 'resource'])}.nation == "${pick(['FR', 'NL'])}"`,
      `context.facts.category == Category::"${pick(['csam', 'fraud', 'malware'])}"`,
      pick(['context.competent', '!context.competent', 'context.crossesBorder']),
    ];
    const when = `${pick(terms)} ${pick(['&&', '||'])} ${pick(terms)}`;
    const stricter = withCopy(({ dir, edit }) => {
      edit(
        'fr/more.cedar',
        () =>
          `@id("more-${seed}-${round}") @basis("b") @says("s") forbid (principal, action, resource) when { ${when} };`,
      );
      return loadPack(dir, 'FR');
    });
    for (let sample = 0; sample < 25; sample++) {
      const crossed = pick(all);
      const [before, after] = [pack, stricter].map((one) => decide(one, crossed).decision);
      if (before !== 'permit' && after === 'permit')
        expect.fail(`forbid when ${when}: ${JSON.stringify(crossed)}`);
    }
  }
});

/** Mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
