import { isFault } from './finding.js';
import type { VerifiedEvidence } from './verify-evidence.js';

/** One finding a line, and the sum of them; with what was said where that is asked for. */
export function evidenceWords({ proved, findings, said }: VerifiedEvidence, show: boolean): string[] {
  return [
    ...findings.map(
      (finding) =>
        `${mark(finding.code)} ${printable(finding.words)}${isFault(finding) ? ` [${finding.code}]` : ''}`,
    ),
    ...(show
      ? [...said].flatMap(([id, content]) => [`message ${id} said:`, JSON.stringify(content, null, 2)])
      : []),
    proved
      ? 'PROVED: everything that this file shows holds.'
      : 'NOT PROVED: see each line that begins with "NO".',
  ];
}

function mark(code: string): string {
  return { holds: 'yes ', note: 'note' }[code] ?? 'NO  ';
}

/** Names in a file are its maker's: none of them may steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}');
}
