// Makes gen/ from proto/: the protobuf codec, the closed lists as types, and the schemas with their hashes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pbjs from 'protobufjs-cli/pbjs.js';

const here = dirname(fileURLToPath(import.meta.url));
const proto = join(here, '../../../proto');
const gen = join(here, '../gen');
mkdirSync(gen, { recursive: true });

await generateWire();
generateVocabulary();
generateSchemas();

async function generateWire() {
  const files = readdirSync(join(proto, 'wire')).map((file) => join(proto, 'wire', file));
  const options = [
    '-t',
    'static-module',
    '-w',
    'esm',
    '--dts',
    '--force-number',
    '--no-service',
    '--no-delimited',
    '--no-verify',
  ];
  await new Promise((resolve, reject) => {
    pbjs.main([...options, '-o', join(gen, 'wire.js'), ...files], (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

/** Each closed list becomes a readonly array and a union type of its words. */
function generateVocabulary() {
  const lists = Object.entries(
    JSON.parse(readFileSync(join(proto, 'schemas/vocabulary.json'), 'utf8')).$defs,
  );
  const values = lists.map(
    ([name, list]) => `export const ${constantName(name)} = Object.freeze(${JSON.stringify(list.enum)});`,
  );
  const types = lists.map(
    ([name, list]) =>
      `export declare const ${constantName(name)}: readonly ${JSON.stringify(list.enum)};\nexport type ${typeName(name)} = (typeof ${constantName(name)})[number];`,
  );
  writeFileSync(join(gen, 'vocabulary.js'), `${values.join('\n')}\n`);
  writeFileSync(join(gen, 'vocabulary.d.ts'), `${types.join('\n')}\n`);
}

function generateSchemas() {
  const folders = ['schemas', 'schemas/categories'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(proto, folder))
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(proto, folder, file)),
  );
  const schemas = files.sort().map((file) => {
    const bytes = readFileSync(file);
    return {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      schema: JSON.parse(bytes.toString('utf8')),
    };
  });
  writeFileSync(join(gen, 'schemas.js'), `export const SCHEMAS = ${JSON.stringify(schemas)};\n`);
  writeFileSync(
    join(gen, 'schemas.d.ts'),
    'export declare const SCHEMAS: readonly { readonly sha256: string; readonly schema: { readonly $id: string; readonly [key: string]: unknown } }[];\n',
  );
}

function constantName(name) {
  return name.toUpperCase().replaceAll('-', '_');
}

function typeName(name) {
  return name.replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase());
}
