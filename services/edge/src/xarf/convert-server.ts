import { Rejection } from '@entente/contract';
import { convertBreakIn } from './convert-break-in.js';
import { COMPROMISES } from './convert-compromise.js';
import { seenAt } from './convert-page.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import { readPlace } from './read-address.js';
import { readText } from './read-text.js';
import { readWord } from './read-word.js';
import { remark } from './remark.js';

/**
 * `infrastructure/compromised_server`: a server that was broken into; its owner is a victim.
 * @throws Rejection `content-invalid` when the source is no address
 */
export const convertServer: Convert = (fields, report) => {
  const place = readPlace(report.sourceIdentifier, () => undefined);
  if (place === undefined) {
    throw new Rejection(
      'content-invalid',
      '/source_identifier must be the IP address, the name or the URL of the server',
    );
  }
  const compromise = fields.take('compromise_type', readWord(COMPROMISES));
  return {
    about: 'server',
    item: {
      id: 'i1',
      kind: 'host',
      address: { ...place, ...filled({ port: report.sourcePort ?? place.port }) },
      ...seenAt(fields, report),
    },
    details: convertBreakIn(fields, compromise),
    remarks: [
      remark('Kind of compromise', compromise),
      remark('How it was found', fields.take('compromise_evidence', readText('short-text'))),
    ],
  };
};
