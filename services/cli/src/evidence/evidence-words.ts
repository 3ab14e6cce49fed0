import { jsonLines } from '../print.js';
import { isFault } from './finding.js';
import type { VerifiedEvidence } from './verify-evidence.js';

/** One finding a line, and the sum of them; with what was said where that is asked for. */
export function evidenceWords({ proved, findings, said }: VerifiedEvidence, show: boolean): string[] {
  return [
    ...findings.map(
      (finding) => `${mark(finding.code)} ${finding.words}${isFault(finding) ? ` [${finding.code}]` : ''}`,
    ),
    ...(show ? [...said].flatMap(([id, content]) => [`message ${id} said:`, ...jsonLines(content)]) : []),
    proved
      ? 'PROVED: everything that this file shows holds.'
      : 'NOT PROVED: see each line that begins with "NO".',
  ];
}

function mark(code: string): string {
  return { holds: 'yes ', note: 'note' }[code] ?? 'NO  ';
}
