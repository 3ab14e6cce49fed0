import { readFileSync } from 'node:fs';
import { loadAnchors } from '@entente/members';
import { evidenceWords } from './evidence-words.js';
import { verifyEvidence } from './verify-evidence.js';

// A program of one file: no network, no settings, nothing but the evidence file and the trust anchors.
const [file, anchors, ...more] = process.argv.slice(2);
if (file === undefined || anchors === undefined || (more.length > 0 && more[0] !== '--show')) {
  process.stderr.write('Usage: node verify-evidence.mjs FILE ANCHORS.json [--show]\n');
  process.exitCode = 2;
} else {
  try {
    const verified = await verifyEvidence(readFileSync(file), await loadAnchors(anchors));
    process.stdout.write(`${evidenceWords(verified, more.length > 0).join('\n')}\n`);
    process.exitCode = verified.proved ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
