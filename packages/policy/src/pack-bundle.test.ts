import { wire } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { ENGINE } from './engine-name.js';
import { PolicyError, type PolicyErrorCode } from './error.js';
import { withCopy } from './fixture/test-kit.js';
import { loadPack } from './load-pack.js';
import { bundlePack, openBundle } from './pack-bundle.js';
import { packsDir } from './packs-dir.js';

const shipped = bundlePack(packsDir, 'DE', 7);
const frame = wire.packBundle.decode(shipped.bytes);

type Files = typeof frame.files;

/** The bundle as somebody with the agency's key could make it, past our own builder. */
const changed = (change: Partial<typeof frame>) => wire.packBundle.encode({ ...frame, ...change });
const named = (from: string, to: string): Files =>
  frame.files.map((file) => (file.name === from ? { ...file, name: to } : file));
const text = Buffer.from('permit (principal, action, resource);');

function refusal(bytes: Uint8Array, nation = 'DE'): { code: PolicyErrorCode; message: string } | 'opened' {
  try {
    openBundle(bytes, nation);
    return 'opened';
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { code: error.code, message: error.message };
  }
}

describe('a pack as one piece', () => {
  it('opens as what it was built from, under the same hash', () => {
    const opened = openBundle(shipped.bytes, 'DE');
    expect(opened.version).toBe(7);
    expect(opened.pack.sha256).toBe(loadPack(packsDir, 'DE').sha256);
    expect(opened.pack.rules.size).toBe(loadPack(packsDir, 'DE').rules.size);
  });

  it('has the same bytes whenever it is built, and no file of another nation', () => {
    expect(Buffer.from(bundlePack(packsDir, 'DE', 7).bytes).equals(shipped.bytes)).toBe(true);
    const folders = new Set(frame.files.map(({ name }) => name.split('/')[0]));
    expect(folders).toEqual(new Set(['base', 'de', 'schema.cedarschema', 'tables', 'texts']));
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32])('is not built with %s for a version', (version) => {
    expect(() => bundlePack(packsDir, 'DE', version)).toThrow('is no version');
  });

  it('is not built where a language lacks a rule', () => {
    withCopy(({ dir, edit }) => {
      edit(
        'de/blocking.cedar',
        (rules) =>
          `${rules}\n@id("new") @basis("b") @says("s") forbid (principal, action, resource) when { context.facts.itemCount == 4999 };`,
      );
      expect(() => bundlePack(dir, 'DE', 1)).toThrow('has no text for the rule "new"');
    });
  });
});

describe('a bundle is refused', () => {
  it.each<[string, Uint8Array, PolicyErrorCode, string]>([
    ['that is cut short', shipped.bytes.subarray(0, -3), 'pack-malformed', 'cannot be read'],
    ['that is empty', new Uint8Array(), 'pack-malformed', 'pack of ""'],
    ['of another nation', changed({ nation: 'FR' }), 'pack-malformed', 'pack of "FR"'],
    ['without a version', changed({ version: 0 }), 'pack-malformed', 'no version'],
    ['of another engine', changed({ engine: `${ENGINE}x` }), 'engine-other', 'build and sign it again'],
    ['without files', changed({ files: [] }), 'pack-malformed', 'schema is missing'],
    [
      'without rules of the nation',
      changed({ files: frame.files.filter(({ name }) => !name.startsWith('de/')) }),
      'pack-malformed',
      'de/ is missing',
    ],
    [
      'without a table',
      changed({ files: frame.files.filter(({ name }) => name !== 'tables/gdpr.json') }),
      'pack-missing',
      'tables/gdpr.json',
    ],
    [
      'with a name twice',
      changed({ files: frame.files.flatMap((file, i) => (i === 0 ? [file, file] : [file])) }),
      'pack-malformed',
      'not in its place',
    ],
    [
      'in another order',
      changed({ files: [...frame.files].reverse() }),
      'pack-malformed',
      'not in its place',
    ],
    [
      'with too many files',
      changed({ files: Array.from({ length: 257 }, () => ({ name: 'x', bytes: text })) }),
      'pack-malformed',
      'limit is 256',
    ],
    [
      'whose rule does not parse',
      changed({
        files: frame.files.map((file) =>
          file.name === 'de/blocking.cedar' ? { ...file, bytes: Buffer.from('permit (') } : file,
        ),
      }),
      'rule-invalid',
      'de/blocking.cedar',
    ],
    [
      'whose file is no text',
      changed({
        files: frame.files.map((file) =>
          file.name === 'de/blocking.cedar' ? { ...file, bytes: Buffer.from([0xff, 0xfe]) } : file,
        ),
      }),
      'pack-untidy',
      'de/blocking.cedar',
    ],
  ])('%s', (_what, bytes, code, words) => {
    expect(refusal(bytes)).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it.each([
    'fr/blocking.cedar',
    '../de/blocking.cedar',
    'de/../../blocking.cedar',
    '/de/blocking.cedar',
    'de/.hidden.cedar',
    'de/blocking.cedar\u0000',
    'de/blocking.CEDAR',
    'de/a/b.cedar',
    'de\\blocking.cedar',
  ])('with a file that is called %j', (name) => {
    const files = named('de/blocking.cedar', name);
    const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const list of [files, sorted])
      expect(refusal(changed({ files: list }))).toMatchObject({ code: 'pack-malformed' });
  });

  it('that was built for another nation and is asked for this one', () => {
    expect(refusal(bundlePack(packsDir, 'FR', 1).bytes)).toMatchObject({ code: 'pack-malformed' });
  });
});
