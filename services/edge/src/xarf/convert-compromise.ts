import { Rejection } from '@entente/contract';
import type { Convert, Converted } from './converted.js';
import { convertHashes } from './convert-hashes.js';
import { convertPage, seenAt } from './convert-page.js';
import { convertServers } from './convert-servers.js';
import { filled } from './filled.js';
import { CVE, PERSISTENCE } from './convert-malware.js';
import type { Fields } from './open-fields.js';
import { readPlace } from './read-address.js';
import { readFlag } from './read-number.js';
import { readExact, readText } from './read-text.js';
import { readWord, sameWords, unique, type Words } from './read-word.js';
import { remark } from './remark.js';

/**
 * `content/remote_compromise`: a page on an honest site that was broken into. What harms others there, the host is asked to remove; of
 * the rest, its customer has to be told.
 */
export const convertCompromise: Convert = (fields, report, findings) => {
  const kind = fields.take('compromise_type', readWord(COMPROMISES));
  const page = convertPage(fields, report, findings);
  const note = [page.note, ...indicatorsOf(fields)].filter((part) => part !== undefined).join('\n');
  return {
    ...convertBreakIn(fields, kind),
    about: kind !== undefined && HARMS_OTHERS.includes(kind) ? 'content' : 'server',
    item: { ...page, kind: 'page', ...filled({ note: noteOf(note), hashes: convertHashes(fields, findings) }) },
  };
};
