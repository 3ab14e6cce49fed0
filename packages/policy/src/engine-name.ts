import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getCedarVersion } from './engine.js';

const path = createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs');
const code = readFileSync(join(dirname(path), 'cedar_wasm_bg.wasm'));

/** Version of the Cedar engine and the hash of the very code that runs: `4.13.0 sha256:<hex>`. */
export const ENGINE = `${getCedarVersion()} sha256:${createHash('sha256').update(code).digest('hex')}`;
