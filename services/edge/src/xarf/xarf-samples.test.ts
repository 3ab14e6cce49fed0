import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CARRIED_TYPES } from './carry-type.js';
import { convert, makeReport, refusalOf, TO_ACCESS, TO_HOST, textsOf } from './fixture/make-report.js';

/** XARF's own schemas and samples stay outside the project: see the README there. */
const FOLDER = fileURLToPath(new URL('../../../../../shared/data/xarf-v4/', import.meta.url));
const isHere = existsSync(`${FOLDER}samples`);

interface Sample {
  readonly category: string;
  readonly type: string;
  readonly evidence?: readonly { readonly payload: string; readonly hash?: string }[];
}

function readSamples(): [string, Sample][] {
  return readdirSync(`${FOLDER}samples`).map((name) => [
    name,
    JSON.parse(readFileSync(`${FOLDER}samples/${name}`, 'utf8')),
  ]);
}

describe.skipIf(!isHere)("XARF's 32 samples (needs ../shared/data/xarf-v4)", () => {
  it('become valid content, or are refused by their type, which is named', () => {
    const carried: string[] = [];
    for (const [name, report] of readSamples()) {
      const type = `${report.category}/${report.type}`;
      if (Object.hasOwn(CARRIED_TYPES, type)) {
        for (const routing of [TO_HOST, TO_ACCESS]) {
          expect(convert(report, routing).content.source_format).toMatchObject({ type });
        }
        carried.push(type);
      } else {
        const { code, message } = refusalOf(() => convert(report));
        expect([name, code]).toEqual([name, 'type-not-carried']);
        expect(message).toContain(type);
      }
    }
    expect(carried.sort()).toEqual(Object.keys(CARRIED_TYPES).sort());
    expect(readSamples()).toHaveLength(32);
  });

  it('have as many false hashes as another way of counting finds', () => {
    for (const [name, report] of readSamples()) {
      if (!Object.hasOwn(CARRIED_TYPES, `${report.category}/${report.type}`)) continue;
      const isFalse = (report.evidence ?? []).map(({ payload, hash = '' }) => {
        const [algorithm = '', digits] = hash.split(':');
        return createHash(algorithm).update(Buffer.from(payload, 'base64')).digest('hex') !== digits;
      });
      const { content, notes } = convert(report);
      expect([name, content.evidence?.map((item) => item.hash_checked === 'mismatch')]).toEqual([
        name,
        isFalse,
      ]);
      expect(notes.filter(({ kind }) => kind === 'evidence-hash-mismatch')).toHaveLength(
        isFalse.filter(Boolean).length,
      );
    }
  });

  it('have 6 false hashes in the types that are carried', () => {
    const wrong = readSamples().filter(([, { category, type }]) =>
      Object.hasOwn(CARRIED_TYPES, `${category}/${type}`),
    );
    const count = wrong.map(
      ([, report]) => convert(report).notes.filter(({ kind }) => kind === 'evidence-hash-mismatch').length,
    );
    expect(count.reduce((sum, each) => sum + each, 0)).toBe(6);
  });

  it('lose only what we know that they lose', () => {
    const lost: Record<string, string> = {};
    for (const [, report] of readSamples()) {
      const type = `${report.category}/${report.type}`;
      if (!Object.hasOwn(CARRIED_TYPES, type)) continue;
      const notes = textsOf(convert(report).notes).split('\n');
      const dropped = notes
        .filter((text) => text.startsWith('not carried'))
        .map((text) => text.replace(/^.*: /, ''));
      if (dropped.length > 0) lost[type] = dropped.join('; ');
    }
    expect(lost).toEqual({
      'content/remote_compromise':
        'legitimate_site, original_content_intact, backdoor_persistence, cleanup_difficulty',
    });
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

/** Every word of every closed list in a schema, in the smallest object that holds it. */
function wordsOf(schema: Schema): Record<string, unknown>[] {
  const inAll = (schema.allOf ?? []).flatMap(wordsOf);
  const inProperties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const plain = (property.enum ?? []).map((word) => ({ [name]: word }));
    const listed = (property.items?.enum ?? []).map((word) => ({ [name]: [word] }));
    const inner = wordsOf(property).map((found) => ({ [name]: found }));
    const innerListed = wordsOf(property.items ?? {}).map((found) => ({ [name]: [found] }));
    return [...plain, ...listed, ...inner, ...innerListed];
  });
  return [...inAll, ...inProperties];
}

/** Words that we know to have no place. */
const NO_PLACE = /^(attack_vector|dns_response$|verification_status|targeted_platforms\[0\]|legacy_version)/;

describe.skipIf(!isHere)(
  "every word of XARF's lists, for the types we carry (needs ../shared/data/xarf-v4)",
  () => {
    const files: Readonly<Record<string, string>> = {
      'content/remote_compromise': 'content-remote_compromise',
      'connection/infected_host': 'connection-infected-host',
      'infrastructure/compromised_server': 'infrastructure-compromised-server',
    };
    const read = (name: string): Schema =>
      JSON.parse(readFileSync(`${FOLDER}schemas/types/${name}.json`, 'utf8'));

    it('becomes one of ours', () => {
      let count = 0;
      for (const type of Object.keys(CARRIED_TYPES)) {
        const own = wordsOf(read(files[type] ?? type.replace('/', '-')));
        const shared = type.startsWith('content/') ? wordsOf(read('content-base')) : [];
        for (const more of [...own, ...shared].filter(
          ({ category, bot_type }) => category === undefined && bot_type === undefined,
        )) {
          const { notes } = convert(makeReport(type, more));
          const dropped = textsOf(notes)
            .split('\n')
            .filter((text) => text.startsWith('not carried'));
          const unknown = dropped
            .map((text) => text.replace(/^.*: /, ''))
            .filter((path) => !NO_PLACE.test(path));
          expect([type, more, unknown]).toEqual([type, more, []]);
          count++;
        }
      }
      expect(count).toBeGreaterThan(150);
    });
  },
);
