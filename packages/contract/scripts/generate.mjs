// Makes gen/ from proto/: the protobuf codec, the closed lists as types, and the schemas with their hashes.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import pbjs from 'protobufjs-cli/pbjs.js';

const here = dirname(fileURLToPath(import.meta.url));
const proto = join(here, '../../../proto');
const gen = join(here, '../gen');
mkdirSync(gen, { recursive: true });

await generateWire();
generateShapes();
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
  shareEmptyBytes(join(gen, 'wire.js'));
}

/** Each decoding made a new buffer for each field of bytes, to stand there until the field was read: 5 % of a full audit. */
function shareEmptyBytes(path) {
  const text = readFileSync(path, 'utf8');
  const made =
    /object\.(\w+) = \[\];\n\s+if \(options\.bytes !== \$Array\)\n\s+object\.\1 = \$util\.newBuffer\(object\.\1\);/g;
  const shared = text.replace(made, 'object.$1 = options.bytes === $Array ? [] : $noBytes;');
  const [before, after] = shared.split(/(?=^\/\/ Exported root namespace)/m);
  if (shared === text || after === undefined)
    throw new Error(`${path} does not look as it did: nothing is shared`);
  writeFileSync(path, `${before}const $noBytes = $util.newBuffer([]);\n${after}`);
}

/** For each message what its fields look like in their canonical encoding (`MessageShape`). */
function generateShapes() {
  const files = readdirSync(join(proto, 'wire')).map((file) => join(proto, 'wire', file));
  const types = protobuf.loadSync(files).resolveAll().lookup('entente.v1').nestedArray;
  const messages = types.filter((type) => type instanceof protobuf.Type);
  const known = messages.map(({ name }) => `  ${name}: [],`);
  const filled = messages.flatMap(({ name, fieldsArray }) =>
    fieldsArray.map((field) => shapeLine(name, field)),
  );
  const lines = ['export const SHAPES = {', ...known, '};', ...filled];
  writeFileSync(join(gen, 'shapes.js'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(gen, 'shapes.d.ts'),
    `import type { MessageShape } from '../src/is-plainly-canonical.js';\nexport declare const SHAPES: { ${messages.map(({ name }) => `readonly ${name}: MessageShape`).join('; ')} };\n`,
  );
}

function shapeLine(name, { id, type, resolvedType, repeated, map, partOf }) {
  const kinds = { uint32: 'varint', bool: 'bool', fixed64: 'fixed64', string: 'text', bytes: 'bytes' };
  const isEnum = resolvedType instanceof protobuf.Enum;
  const kind = isEnum ? 'varint' : resolvedType ? 'message' : kinds[type];
  if (!kind || map || partOf)
    throw new Error(`${name} has a field of a kind that is not known here: ${type}`);
  const fields = kind === 'message' ? `SHAPES.${resolvedType.name}` : 'null';
  return `SHAPES.${name}[${id}] = { kind: '${kind}', isRepeated: ${repeated}, fields: ${fields} };`;
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
  const schemas = JSON.stringify(readSchemas('schemas'));
  // Those of the release before, whole, if one of them was another.
  const previous = JSON.stringify(readSchemas('schemas/previous'));
  writeFileSync(
    join(gen, 'schemas.js'),
    `export const SCHEMAS = ${schemas};\nexport const PREVIOUS_SCHEMAS = ${previous};\n`,
  );
  writeFileSync(
    join(gen, 'schemas.d.ts'),
    [
      'export interface SchemaFile { readonly sha256: string; readonly schema: { readonly $id: string; readonly [key: string]: unknown } }',
      'export declare const SCHEMAS: readonly SchemaFile[];',
      'export declare const PREVIOUS_SCHEMAS: readonly SchemaFile[];\n',
    ].join('\n'),
  );
}

function readSchemas(folder) {
  const files = [folder, `${folder}/categories`]
    .filter((one) => existsSync(join(proto, one)))
    .flatMap((one) =>
      readdirSync(join(proto, one))
        .filter((file) => file.endsWith('.json'))
        .map((file) => join(proto, one, file)),
    );
  return files.sort().map((file) => {
    const bytes = readFileSync(file);
    return {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      schema: JSON.parse(bytes.toString('utf8')),
    };
  });
}

function constantName(name) {
  return name.toUpperCase().replaceAll('-', '_');
}

function typeName(name) {
  return name.replace(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase());
}
