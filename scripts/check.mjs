// `npm run check`: format, lint, types (the build), and the borders between packages.
import { join } from 'node:path';
import { root, run, setUp } from './setup.mjs';

await setUp();
const bin = (name) => join(root, 'node_modules', '.bin', name);
run(bin('biome'), ['ci', '--error-on-warnings', '.'], 'checking format and lint');
run(bin('turbo'), ['boundaries'], 'checking the borders between packages');
run(bin('tsc'), ['-p', 'test/tsconfig.json'], 'checking the types of the whole-system tests');
