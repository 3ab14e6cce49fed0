import type { Findings } from './collect-findings.js';
import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import type { XarfReport } from './parse-report.js';
import { readDomain } from './read-address.js';
import { readAmount, readTime } from './read-number.js';
import { readText } from './read-text.js';
import { readWord, type Words } from './read-word.js';

type JsonObject = Record<string, unknown>;

/**
 * How the report came to be. XARF's reporter is an organisation and stands as one; that it may be named to others is nowhere said in XARF.
 */
export function convertSource(fields: Fields, report: XarfReport, findings: Findings): JsonObject {
  const method = methodOf(fields, findings);
  const confidence = fields.take('confidence', readAmount(0, 1));
  if (method === undefined && confidence !== undefined) findings.dropped('confidence');
  const assessedAt = fields.take('verified_at', readTime) ?? report.timestamp;
  return {
    source: {
      kind: kindOf(method),
      anonymous: false,
      consent_to_share: false,
      ...filled({ organisation: organisationOf(fields.group('reporter')) }),
    },
    ...filled({
      assessment:
        method === undefined
          ? undefined
          : filled({ verdict: verdictOf(method), assessed_at: assessedAt, confidence, method }),
    }),
  };
}

/** Whoever filed the report for somebody else: one line for the summary, since the content has no place for a second body. */
export function nameFiler(fields: Fields): string | undefined {
  const reporter = organisationOf(fields.group('reporter'));
  const filer = organisationOf(fields.group('sender'));
  if (JSON.stringify(filer) === JSON.stringify(reporter)) return undefined;
  const parts = [filer?.name, filer?.domain, filer?.contact].filter((part) => part !== undefined);
  return `Filed for the reporter by: ${parts.join(', ')}`;
}

function organisationOf(party: Fields): JsonObject | undefined {
  return filled({
    name: party.take('org', readText('line')),
    domain: party.take('domain', readDomain),
    contact: party.take('contact', readText('line')),
  });
}

/** Nobody in particular has judged what a machine or a user reports. */
function verdictOf(method: string): string {
  return ['manual-review', 'hash-match', 'police-referral'].includes(method)
    ? 'likely-illegal'
    : 'undetermined';
}

function kindOf(method: string | undefined): string {
  if (method === 'police-referral') return 'authority';
  return method === undefined || method === 'manual-review' || method === 'user-report'
    ? 'provider'
    : 'automated';
}

/** The three fields in which XARF says how something was found, the most exact first. */
export const METHODS: Readonly<Record<string, Words<string>>> = {
  detection_method: {
    hash_match: 'hash-match',
    ai_detection: 'classifier',
    manual_review: 'manual-review',
    user_report: 'user-report',
    automated_scan: 'automated-scan',
    behavioral_analysis: 'behaviour-analysis',
    keyword_detection: 'keyword',
    law_enforcement_referral: 'police-referral',
  },
  verification_method: {
    manual: 'manual-review',
    automated_crawler: 'automated-scan',
    user_report: 'user-report',
    honeypot: 'honeypot',
    threat_intelligence: 'threat-intelligence',
  },
  evidence_source: {
    spamtrap: 'spamtrap',
    user_complaint: 'user-report',
    automated_filter: 'automated-scan',
    honeypot: 'honeypot',
    crawler: 'automated-scan',
    user_report: 'user-report',
    automated_scan: 'automated-scan',
    web_scan: 'automated-scan',
    spam_analysis: 'automated-scan',
    firewall_logs: 'traffic-analysis',
    ids_detection: 'traffic-analysis',
    flow_analysis: 'traffic-analysis',
    vulnerability_scan: 'automated-scan',
    researcher_analysis: 'manual-review',
    automated_discovery: 'automated-scan',
    traffic_analysis: 'traffic-analysis',
    threat_intelligence: 'threat-intelligence',
  },
};

function methodOf(fields: Fields, findings: Findings): string | undefined {
  let method: string | undefined;
  for (const [name, words] of Object.entries(METHODS)) {
    const found = fields.take(name, readWord(words));
    if (method !== undefined && found !== undefined && found !== method) findings.dropped(name);
    method ??= found;
  }
  return method;
}
