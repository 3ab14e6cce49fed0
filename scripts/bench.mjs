// `npm run bench [-- name] [-- --json]`: sets up what is missing, runs the files in test/bench, prints what they measured.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, say, setUp } from './setup.mjs';

const words = process.argv.slice(2);
const name = words.find((word) => !word.startsWith('--')) ?? '';
const dir = join(root, 'test', 'bench');
const files = readdirSync(dir).filter((file) => file.endsWith('.bench.mjs') && file.startsWith(name));
if (files.length === 0) {
  say(`test/bench has no ${name}.bench.mjs`);
  process.exit(1);
}
await setUp();
const measured = [];
for (const file of files) {
  say(`measuring: ${file}`);
  const { measure } = await import(pathToFileURL(join(dir, file)).href);
  measured.push(...(await measure()));
}
if (words.includes('--json')) console.log(JSON.stringify(measured, null, 2));
else console.table(Object.fromEntries(measured.map(({ what, ...figures }) => [what, figures])));
