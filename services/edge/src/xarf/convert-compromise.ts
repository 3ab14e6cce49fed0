import { convertBreakIn } from './convert-break-in.js';
import { convertHashes } from './convert-hashes.js';
import { convertPage } from './convert-page.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import { readText } from './read-text.js';
import { readWord, sameWords } from './read-word.js';
import { remark } from './remark.js';

/**
 * `content/remote_compromise`: a page on an honest site that was broken into. What harms others there, the host is asked to remove;
 * of the rest, the host has to tell its customer.
 */
export const convertCompromise: Convert = (fields, report, findings) => {
  const compromise = fields.take('compromise_type', readWord(COMPROMISES));
  const page = convertPage(fields, report, findings);
  const harmsOthers =
    compromise === 'phishing-kit' || compromise === 'malware-host' || compromise === 'c2-server';
  return {
    about: harmsOthers ? 'content' : 'server',
    item: {
      ...page,
      kind: 'page',
      ...filled({ note: noteOf(page.note, indicatorsOf(fields)), hashes: convertHashes(fields, findings) }),
    },
    details: convertBreakIn(fields, compromise),
    remarks: [
      remark('Kind of compromise', compromise),
      remark('Cleaning', fields.take('cleanup_status', readWord(CLEANING))),
      remark('Aims at the brand', fields.take('target_brand', readText('line'))),
    ],
  };
};

function indicatorsOf(fields: Fields): string[] {
  return fields.groups('compromise_indicators', 20).flatMap((indicator) => {
    const value = indicator.take('value', readText('line'));
    const type = indicator.take('type', readWord(INDICATORS)) ?? 'other';
    const description = indicator.take('description', readText('line'));
    return value === undefined
      ? []
      : [`${type}: ${[value, description].filter((part) => part !== undefined).join(', ')}`];
  });
}

function noteOf(page: unknown, indicators: readonly string[]): string | undefined {
  const lines = [...(typeof page === 'string' ? [page] : []), ...indicators];
  return lines.length === 0 ? undefined : readText('short-text')(lines.join('\n'), () => undefined);
}

export const COMPROMISES = sameWords(
  'webshell',
  'backdoor',
  'defacement',
  'malicious-redirect',
  'seo-spam',
  'cryptominer',
  'phishing-kit',
  'malware-host',
  'c2-server',
  'proxy',
  'scanner',
  'other',
);

const INDICATORS = sameWords(
  'file-path',
  'process',
  'network-connection',
  'user-account',
  'scheduled-task',
  'registry-key',
  'service',
);

const CLEANING = sameWords('not-cleaned', 'partially-cleaned', 'cleaned', 'reinfected', 'unknown');
