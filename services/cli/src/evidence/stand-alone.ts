import { parseArgs } from 'node:util';
import { loadAnchors } from '@entente/members';
import { complain, printLines } from '../print.js';
import { readNamed } from '../read-named.js';
import { readBeside } from './beside-options.js';
import { evidenceWords } from './evidence-words.js';
import { verifyEvidence } from './verify-evidence.js';

// A program of one file: no network, no settings, nothing but the evidence file and whom its reader trusts.
const USAGE =
  'Usage: node verify-evidence.mjs FILE ANCHORS.json [--show] [--witness-policy FILE] [--tsa-roots FILE]';

const given = readArgs();
if (given === undefined) {
  complain(USAGE);
  process.exitCode = 2;
} else {
  try {
    const { file, anchors, show, ...files } = given;
    const beside = readBeside(files, Date.now());
    const verified = await verifyEvidence(readNamed(file), await loadAnchors(anchors), beside);
    printLines(evidenceWords(verified, show));
    process.exitCode = verified.proved ? 0 : 1;
  } catch (error) {
    complain((error as Error).message);
    process.exitCode = 2;
  }
}

function readArgs() {
  try {
    const options = {
      show: { type: 'boolean' },
      'witness-policy': { type: 'string' },
      'tsa-roots': { type: 'string' },
    } as const;
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const [file, anchors, ...more] = positionals;
    if (file === undefined || anchors === undefined || more.length > 0) return undefined;
    const { show = false, 'witness-policy': witnessPolicy, 'tsa-roots': tsaRoots } = values;
    return {
      ...{ file, anchors, show },
      ...(witnessPolicy === undefined ? {} : { witnessPolicy }),
      ...(tsaRoots === undefined ? {} : { tsaRoots }),
    };
  } catch {
    return undefined;
  }
}
