import { type Category, LIMITS } from '@entente/contract';
import type { Note } from '../outbox-row.js';
import { carryType } from './carry-type.js';
import { chooseTerms, type XarfRouting } from './choose-terms.js';
import { collectFindings, type Findings } from './collect-findings.js';
import { convertEvidence } from './convert-evidence.js';
import { convertSource, nameFiler } from './convert-source.js';
import type { Converted } from './converted.js';
import { filled } from './filled.js';
import { fitContent } from './fit-content.js';
import { type Fields, openFields } from './open-fields.js';
import { parseReport, type XarfReport } from './parse-report.js';
import { readUrl } from './read-address.js';
import { readExact, readText } from './read-text.js';
import { unique } from './read-word.js';
import { refuseMedia } from './refuse-media.js';
import { remark } from './remark.js';
import { spellOut } from './spell-out.js';

export type { XarfRouting } from './choose-terms.js';

const TAG = 'source-format/properties/tags/items';
/** Read by `parseReport`, or about the format itself. */
const CORE_FIELDS = [
  'xarf_version',
  'report_id',
  'timestamp',
  'source_identifier',
  'source_port',
  'category',
  'type',
  'evidence',
  'legacy_version',
];

/**
 * A XARF v4 report (xarf.org) as a submission of ours, for `submit`. The notes tell the sender what was changed, what was left behind,
 * and which evidence is not what its hash says.
 *
 * INVARIANT: equal reports make equal submissions at any time, or `submit` would not know a repeat again: `nowMs` changes notes only.
 *
 * @throws Rejection `content-invalid` not a XARF v4 report, or one that names no address we carry; `type-not-carried`;
 *   `content-forbidden` child abuse material enclosed
 */
export function convertXarf(
  report: unknown,
  routing: XarfRouting,
  nowMs: number,
): { submission: unknown; notes: Note[] } {
  const xarf = parseReport(report);
  const { category, convert } = carryType(xarf.category, xarf.type);
  if (category === 'csam') refuseMedia(xarf);
  const findings = collectFindings();
  const fields = openFields(xarf.record, '', findings);
  for (const name of CORE_FIELDS) fields.raw(name);
  if (Date.parse(xarf.timestamp) > nowMs + LIMITS.skewMs) findings.say('timestamp: it lies in the future');
  const converted = convert(fields, xarf, findings);
  const content = compose(category, converted, fields, xarf, routing, findings);
  fields.close();
  const { to, toRole, fromRole, expiresInHours } = routing;
  return {
    submission: {
      to,
      to_role: toRole,
      from_role: fromRole,
      ...filled({ expires_in_hours: expiresInHours }),
      content: fitContent(category === 'csam' ? spellOut(content) : content, findings),
    },
    notes: findings.notes(),
  };
}

function compose(
  category: Category,
  converted: Converted,
  fields: Fields,
  xarf: XarfReport,
  routing: XarfRouting,
  findings: Findings,
): Record<string, unknown> {
  const tags = unique(fields.list('tags', 20, readExact(TAG)));
  const { about, item, people, details, references } = converted;
  const { necessity, ...terms } = chooseTerms(category, about, routing, tags, findings);
  const isSwitchedOff = terms.action === 'remove' || terms.action === 'block';
  return {
    category,
    ...terms,
    summary: summarise(fields, xarf, category, converted.remarks, findings),
    necessity,
    items: [isSwitchedOff ? { ...item, scope: scopeOf(item) } : item],
    report: convertSource(fields, xarf, findings),
    ...filled({
      other_references: references,
      people,
      evidence: convertEvidence(xarf.evidence, category, findings),
      details,
      source_format: {
        name: 'xarf',
        version: xarf.version,
        type: `${xarf.category}/${xarf.type}`,
        report_id: xarf.reportId,
        ...filled({ tags }),
      },
    }),
  };
}

/** Never wider than what was reported: nobody loses a domain for one page. */
function scopeOf(item: Converted['item']): string {
  return (item.address as { url?: string } | undefined)?.url === undefined ? 'host' : 'exact-address';
}

function summarise(
  fields: Fields,
  xarf: XarfReport,
  category: Category,
  remarks: Converted['remarks'],
  findings: Findings,
): string {
  const description = fields.take('description', readText('short-text'));
  const opening = description ?? `XARF report of the type ${xarf.category}/${xarf.type}.`;
  // A screenshot of child abuse is the thing itself: not even its address goes along.
  const shot = category === 'csam' ? undefined : remark('Screenshot', fields.take('screenshot_url', readUrl));
  const lines = [opening, ...remarks, shot, nameFiler(fields)].filter((line) => line !== undefined);
  return readText('text')(lines.join('\n'), (how) => findings.changed('summary', how)) ?? opening;
}
