// `npm run bench [-- name] [-- --json] [-- --out DIR]`: sets up what is missing, measures what this machine gives at most (if `flow` does not), runs the files in
// test/bench one after the other, prints what they measured, and keeps it in DIR as JSON and as a page with plots. What was measured is
// kept after each file; one that fails is said, and the others are measured.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, say, setUp } from './setup.mjs';

const words = process.argv.slice(2);
const outAt = words.indexOf('--out');
const [out = join(root, 'bench-figures')] = outAt < 0 ? [] : words.splice(outAt, 2).slice(1);
const name = words.find((word) => !word.startsWith('--')) ?? '';
const dir = join(root, 'test', 'bench');
const files = readdirSync(dir).filter((file) => file.endsWith('.bench.mjs') && file.startsWith(name));
if (files.length === 0) {
  say(`test/bench has no ${name}.bench.mjs`);
  process.exit(1);
}
const natsServer = await setUp();
process.env.NATS_SERVER = natsServer;
const load = (file) => import(pathToFileURL(join(dir, file)).href);
const { drawFigures } = await load('draw-figures.mjs');
const { describeMachine, measureLimits } = await load('limits.mjs');

const figures = { at: new Date().toISOString(), machine: describeMachine(natsServer), benches: [] };
for (const [bench, measure] of [
  // The flow measures the same beside itself.
  ...(files.includes('flow.bench.mjs') ? [] : [['limits', () => measureLimits(natsServer)]]),
  ...files.map((file) => [file.replace('.bench.mjs', ''), async () => await (await load(file)).measure()]),
]) {
  say(`measuring: ${bench}`);
  try {
    figures.benches.push({ bench, rows: await measure() });
  } catch (error) {
    say(`${bench}: ${error?.stack ?? error}`);
    figures.benches.push({ bench, rows: [], failed: String(error?.message ?? error) });
    process.exitCode = 1;
  }
  keep();
}
if (words.includes('--json')) console.log(JSON.stringify(figures, null, 2));
else print();
say(`kept in ${resolve(out)}: figures.json, figures.html`);

function keep() {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(join(out, 'figures.html'), drawFigures(figures));
}

function print() {
  console.table(figures.machine);
  for (const { bench, rows, failed } of figures.benches) {
    console.log(failed === undefined ? bench : `${bench}: failed (${failed})`);
    console.table(Object.fromEntries(rows.map(({ what, ...values }) => [what, values])));
  }
}
