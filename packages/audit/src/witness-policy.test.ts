import { describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { parseVkey } from './note-key.js';
import { parseWitnessVkey } from './witness-key.js';
import { isLogOf, meetsQuorum, parseWitnessPolicy } from './witness-policy.js';

const LOG =
  'log arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const KEYS = {
  X1: 'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  X2: 'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  X3: 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  Y1: 'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
  Y2: 'rgdd.se/poc-witness+db03732e+BCjJKlo6BU0xfIb8LutqerIFTWIXEA0L5n3tW3QyPFgG',
  Y3: 'witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G',
} as const;
type Name = keyof typeof KEYS;
const witnesses = Object.entries(KEYS).map(([name, vkey]) => `witness ${name} ${vkey}`);
// The structure of the example of C2SP tlog-policy, with keys of public witnesses.
const EXAMPLE = `${[
  LOG,
  '',
  ...witnesses.slice(0, 3),
  'group X-witnesses 2 X1 X2 X3',
  '  # and another organisation',
  ...witnesses.slice(3),
  'group\tY-witnesses any  Y1 Y2 Y3 ',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
].join('\n')}\n`;

const parse = (text: string) => parseWitnessPolicy(Buffer.from(text));
const keys = (...names: Name[]) => names.map((name) => parseWitnessVkey(KEYS[name]));

describe('a witness policy', () => {
  test('as C2SP gives it: two of one organisation and one of the other', () => {
    const policy = parse(EXAMPLE);
    expect([policy.logs.length, policy.witnesses.length]).toEqual([1, 6]);
    for (const enough of [keys('X1', 'X2', 'Y1'), keys('X2', 'X3', 'Y3'), keys('X1', 'X2', 'X3', 'Y1', 'Y2')])
      expect(meetsQuorum(policy, enough)).toBe(true);
    for (const few of [keys(), keys('X1', 'X2', 'X3'), keys('X1', 'Y1', 'Y2', 'Y3'), keys('X1', 'X1', 'Y1')])
      expect(meetsQuorum(policy, few)).toBe(false);
  });

  test('names the logs that count, by name and key', () => {
    const log = parseVkey(LOG.slice(4));
    const other = {
      ...parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
      name: log.name,
    };
    expect([isLogOf(parse(EXAMPLE), log), isLogOf(parse(EXAMPLE), other)]).toEqual([true, false]);
    expect(isLogOf(parse('quorum none\n'), other)).toBe(true);
  });

  test('of one witness, or of none', () => {
    const one = parse(`${witnesses[0]} https://witness.example/\nquorum X1\n`);
    expect([meetsQuorum(one, keys('X1')), meetsQuorum(one, keys('X2'))]).toEqual([true, false]);
    expect(one.witnesses[0]?.url).toBe('https://witness.example/');
    expect(meetsQuorum(parse('quorum none\n'), [])).toBe(true);
  });

  test('holds 32 witnesses, groups and comments', () => {
    const groups = Array.from(
      { length: 32 },
      (_, i) => `group g${i} all ${i === 0 ? 'X1' : `g${i - 1}`}\n# ${i}`,
    );
    const policy = parse(`${witnesses[0]}\n${groups.join('\n')}\nquorum g31\n`);
    expect([meetsQuorum(policy, keys('X1')), meetsQuorum(policy, [])]).toEqual([true, false]);
  });

  test.each([
    ['without a quorum', `${witnesses[0]}\n`],
    ['with two', `${witnesses[0]}\nquorum X1\nquorum none\n`],
    ['whose quorum nobody defines', 'quorum X1\n'],
    ['whose quorum is defined after it', `quorum X1\n${witnesses[0]}\n`],
    ['with an unknown line', 'trust everybody\nquorum none\n'],
    ['that defines a name twice', `${witnesses[0]}\n${witnesses[1]?.replace('X2', 'X1')}\nquorum X1\n`],
    ['that defines none', `${witnesses[0]?.replace('X1', 'none')}\nquorum none\n`],
    ['with one key under two names', `${witnesses[0]}\n${witnesses[0]?.replace('X1', 'X2')}\nquorum X1\n`],
    ['with a log twice', `${LOG}\n${LOG}\nquorum none\n`],
    ['with a key of a log as a witness', `${LOG.replace('log', 'witness X1')}\nquorum X1\n`],
    ['with a key of a witness as a log', `log ${KEYS.X1}\nquorum none\n`],
    ['with a member in two groups', `${witnesses[0]}\ngroup a any X1\ngroup b any X1\nquorum b\n`],
    ['with a member twice in a group', `${witnesses[0]}\ngroup a 2 X1 X1\nquorum a\n`],
    ['with a group of nobody', 'group a any\nquorum a\n'],
    ['with a group that needs more than it has', `${witnesses[0]}\ngroup a 2 X1\nquorum a\n`],
    ['with a group that needs none', `${witnesses[0]}\ngroup a 0 X1\nquorum a\n`],
    ['with a group in itself', 'group a any a\nquorum a\n'],
    ['with "none" in a group', 'group a any none\nquorum a\n'],
    ['with a carriage return', 'quorum none\r\n'],
    ['without the last newline', 'quorum none'],
    ['of more than 1,000 lines', `${'#\n'.repeat(1000)}quorum none\n`],
    ['of more than 64 KiB', `#${'x'.repeat(65_536)}\nquorum none\n`],
  ])('%s is refused', (_what, text) => {
    expect(codeOf(() => parse(text))).toBe('policy-malformed');
  });

  test('takes octets beyond ASCII as they are', () => {
    const policy = parse(
      `${witnesses[0]?.replace('X1', 'Zürich')}\ngroup \u212a any Zürich\nquorum \u212a\n`,
    );
    expect(meetsQuorum(policy, keys('X1'))).toBe(true);
    expect(codeOf(() => parse(`${witnesses[0]}\ngroup \u212a any X1\nquorum K\n`))).toBe('policy-malformed');
  });
});
