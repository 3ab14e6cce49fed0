// Makes gen/ from proto/: the protobuf codec, a reader of each message, the closed lists as types, and the schemas with their hashes.
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

// How a kind of field is encoded, what reads it, and what stands where it is absent.
const KINDS = {
  uint32: { wire: 0, read: 'varint', none: '0' },
  bool: { wire: 0, read: 'bool', none: 'false' },
  fixed64: { wire: 1, read: 'fixed64', none: '0' },
  string: { wire: 2, read: 'text', none: "''" },
  bytes: { wire: 2, read: 'blob', none: 'NO_BYTES' },
  message: { wire: 2, read: 'message', none: 'null' },
};

await generateWire();
generateReaders();
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

/** For each message the reader of its fields in their canonical encoding (`MessageReader`): what protobufjs would hand out, at once. */
function generateReaders() {
  const files = readdirSync(join(proto, 'wire')).map((file) => join(proto, 'wire', file));
  const types = protobuf.loadSync(files).resolveAll().lookup('entente.v1').nestedArray;
  const messages = types.filter((type) => type instanceof protobuf.Type);
  for (const message of messages) refuseLoops(message, []);
  const lines = [
    'const NO_BYTES = Buffer.alloc(0);',
    ...messages.flatMap(readerLines),
    `export const READERS = { ${messages.map(({ name }) => `${name}: read${name}`).join(', ')} };`,
  ];
  writeFileSync(join(gen, 'readers.js'), `${lines.join('\n')}\n`);
  const names = messages.map(({ name }) => `readonly ${name}: MessageReader;`);
  writeFileSync(
    join(gen, 'readers.d.ts'),
    `import type { MessageReader } from '../src/read-plain.js';\nexport declare const READERS: { ${names.join(' ')} };\n`,
  );
}

/** The longest chain of messages in messages is known: no bytes let a reader call itself. */
function refuseLoops(type, above) {
  if (above.includes(type)) throw new Error(`${type.name} can hold itself: its reader would need a limit`);
  for (const { resolvedType } of type.fieldsArray)
    if (resolvedType instanceof protobuf.Type) refuseLoops(resolvedType, [...above, type]);
}

function readerLines({ name, fieldsArray }) {
  // No field can be called `$`. Encoded by number; handed out with the lists first, as protobufjs does.
  const fields = [...fieldsArray].sort((a, b) => a.id - b.id);
  const names = [...fields.filter((one) => one.repeated), ...fields.filter((one) => !one.repeated)];
  return [
    `function read${name}($) {`,
    ...fields.map((field) => `  ${fieldLine(name, field)}`),
    `  return { ${names.map((field) => field.name).join(', ')} };`,
    '}',
  ];
}

function fieldLine(message, { id, name, type, resolvedType, repeated, map, partOf }) {
  const isMessage = resolvedType instanceof protobuf.Type;
  const { wire, read, none } = isMessage ? KINDS.message : (KINDS[resolvedType ? 'uint32' : type] ?? {});
  if (!read || map || partOf)
    throw new Error(`${message} has a field of a kind that is not known here: ${type}`);
  const tag = (id << 3) | wire;
  const how = isMessage ? `read${resolvedType.name}` : '';
  if (!repeated) return `let ${name} = ${none}; if ($.tag === ${tag}) ${name} = $.${read}(${how});`;
  // Repeated numbers are packed, which is not plain.
  if (wire !== 2) return `const ${name} = [];`;
  return `const ${name} = $.${read}s(${[tag, how].filter(Boolean).join(', ')});`;
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
