import { describe, it } from 'vitest';
import { expectRefusal, type Fault, RULE } from './fixture/pack-fault.js';
import type { Copy } from './fixture/test-kit.js';

const add =
  (text: string) =>
  ({ edit }: Copy) =>
    edit('de/more.cedar', () => text);

const FAULTS: readonly Fault[] = [
  {
    what: 'a rule that does not parse',
    code: 'rule-invalid',
    names: 'line 2',
    change: add(`\n${RULE} when { ;`),
  },
  {
    what: 'a template',
    code: 'rule-invalid',
    names: 'template',
    change: add('@id("x") @basis("b") @says("s") forbid (principal == ?principal, action, resource);'),
  },
  {
    what: 'a rule without @id',
    code: 'rule-incomplete',
    names: '@id',
    change: add('@basis("b") @says("s") forbid (principal, action, resource);'),
  },
  {
    what: 'a rule without @basis',
    code: 'rule-incomplete',
    names: '@basis',
    change: add('@id("x") @says("s") forbid (principal, action, resource);'),
  },
  {
    what: 'a rule without @says',
    code: 'rule-incomplete',
    names: '@says',
    change: add('@id("x") @basis("b") forbid (principal, action, resource);'),
  },
  {
    what: 'a rule that says nothing',
    code: 'rule-incomplete',
    names: '@says',
    change: add('@id("x") @basis("b") @says(" ") forbid (principal, action, resource);'),
  },
  {
    what: 'an id that is taken',
    code: 'rule-incomplete',
    names: 'taken',
    change: add('@id("role-not-held") @basis("b") @says("s") forbid (principal, action, resource);'),
  },
  {
    what: 'a misspelt annotation',
    code: 'rule-incomplete',
    names: '@remedey',
    change: add(`@remedey("redact:free-text") ${RULE};`),
  },
  {
    what: 'an obligation on a forbid',
    code: 'rule-incomplete',
    names: '@obligation',
    change: add(`@obligation("x") ${RULE};`),
  },
  {
    what: 'a remedy for no data class',
    code: 'rule-incomplete',
    names: 'reporter',
    change: add(`@remedy("redact:reporter") ${RULE};`),
  },
  {
    what: 'a remedy that is none',
    code: 'rule-incomplete',
    names: 'redact:',
    change: add(`@remedy("ask nicely") ${RULE};`),
  },
  {
    what: 'a hold for no role',
    code: 'rule-incomplete',
    names: 'boss',
    change: add(`@hold("boss") @within("PT24H") @otherwise("refuse") ${RULE};`),
  },
  {
    what: 'a hold without an end',
    code: 'rule-incomplete',
    names: '@within',
    change: add(`@hold("court") @otherwise("refuse") ${RULE};`),
  },
  {
    what: 'a hold that does not say what happens instead',
    code: 'rule-incomplete',
    names: '@otherwise',
    change: add(`@hold("court") @within("PT24H") @otherwise("wait") ${RULE};`),
  },
  {
    what: 'a limit of a hold without a hold',
    code: 'rule-incomplete',
    names: '@hold',
    change: add(`@within("PT24H") ${RULE};`),
  },
  {
    what: 'a retention that is no number of days',
    code: 'rule-incomplete',
    names: 'P90D',
    change: add(
      '@id("x") @basis("b") @says("s") @retention("90 days") permit (principal, action, resource);',
    ),
  },
  {
    what: 'a misspelt word in a rule',
    code: 'rule-invalid',
    names: 'de/more.cedar',
    change: add(`${RULE} when { context.facts.category == Category::"csma" };`),
  },
  {
    what: 'a word as text',
    code: 'rule-invalid',
    names: '"x"',
    change: add(`${RULE} when { context.facts.category == "csam" };`),
  },
  {
    what: 'a misspelt fact',
    code: 'rule-invalid',
    names: '"x"',
    change: add(`${RULE} when { context.facts.categry == Category::"csam" };`),
  },
  {
    what: 'a misspelt action',
    code: 'rule-invalid',
    names: '"x"',
    change: add('@id("x") @basis("b") @says("s") forbid (principal, action == Action::"delete", resource);'),
  },
  {
    what: 'a rule that can never match',
    code: 'rule-invalid',
    names: 'impossible',
    change: add(`${RULE} when { principal is Member && false };`),
  },
  {
    what: 'look-alike letters',
    code: 'rule-invalid',
    names: 'de/more.cedar',
    change: add(`${RULE} when { principal.nation == "FRа" };`),
  },
];

describe('loadPack refuses', () => {
  it.each(FAULTS)('$what', expectRefusal);
});
