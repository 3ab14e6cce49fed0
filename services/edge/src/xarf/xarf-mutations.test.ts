import { Rejection } from '@entente/contract';
import { describe, expect, it } from 'vitest';
import { CARRIED_TYPES } from './carry-type.js';
import { convert, makeEvidence, makeReport } from './fixture/make-report.js';

/** Every field that the converters read, so that a mutation hits something. */
const FIELDS = `
  description source_identifier source_port evidence tags confidence evidence_source url domain registrar
  nameservers dns_records screenshot_url verified_at verification_method target_brand hosting_provider asn
  country_code ssl_certificate whois classification media_type detection_method hash_values file_hash
  file_hashes ncmec_report_id content_removed account_suspended exploitation_type victim_age_range
  platform evidence_type perpetrator_indicators reporting_obligations credential_fields phishing_kit
  redirect_chain submission_url cloned_site detection_evasion lure_type malware_family malware_type
  file_metadata file_size distribution_method c2_servers c2_server c2_protocol c2_communications
  sandbox_analysis exploit_cve persistence_mechanism persistence_mechanisms targeted_platforms
  detection_names fraud_type payment_methods cryptocurrency_addresses claimed_entity impersonated_entity
  loss_amount estimated_loss_usd victim_count scheme_description social_engineering_tactics
  compromise_type compromise_indicators webshell_details webshell_type affected_cms
  vulnerability_exploited vulnerability_cve malicious_activities malicious_files cleanup_status service
  service_version compromise_method compromise_evidence destination_ip destination_port protocol
  infection_type infection_vector bot_type bot_name bot_id bot_capabilities user_agent behavior_pattern
  first_seen last_seen communication_frequency data_exfiltration reporter sender timestamp
  shell_functionality xarf_version report_id`
  .trim()
  .split(/\s+/);
const NESTED = `
  org contact domain a aaaa md5 sha256 photodna ssdeep account_id ip_addresses pattern_of_behavior
  filename mime_type file_size address port protocol currency amount type value description family
  capabilities cve component sandbox_name analysis_url verdict score fingerprint created_date content_type
  payload hash size`
  .trim()
  .split(/\s+/);
const WORDS = [
  '',
  ' ',
  'x',
  'other',
  'none',
  'unknown',
  '192.0.2.9',
  '2001:DB8::1',
  '[::1]:80',
  'c2.example:443',
  'bücher.example',
  'a..b',
  '-.-',
  'https://a.example/x',
  'magnet:?xt=urn:btih:x',
  'javascript:1',
  'http://[::1',
  'a@b.example',
  'sha256:'.padEnd(71, 'a'),
  'a'.repeat(64),
  'b'.repeat(300),
  'word '.repeat(3000),
  '\u0000\u202e\ud800',
  'Image/x',
  'data:text/html,x',
  'see data:text/html,x',
  ';base64,',
  '%PDF',
  'CVE-2026-1234',
  '2026-11-19T08:30:00Z',
  '2026-11-19T08:30:00.1234567+14:00',
  '2000-01-01T00:30:00+14:00',
  'constructor',
  '__proto__',
  'QUJD',
  'QUJDRA==',
  'text/plain',
  'Text/Plain',
  'EUR',
  'bitcoin',
  'phishing_kit',
  'c2_server',
  'tlp:red',
  'a:b',
  '3:abc:def',
  '😀'.repeat(500),
  '{"a":1}',
];
const NUMBERS = [0, -1, 1, 0.5, 443, 65_536, 1e308, 1e-9, 2 ** 53, -0];

/** A small generator of our own (mulberry32): the same reports on every run. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function makeValue(random: (below: number) => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const kind = random(depth > 0 ? 8 : 5);
  if (kind < 3) return pick(WORDS);
  if (kind === 3) return pick(NUMBERS);
  if (kind === 4) return pick([null, true, false]);
  if (kind === 5) return Array.from({ length: random(5) }, () => makeValue(random, depth - 1));
  if (kind === 6) return [makeEvidence(pick(WORDS), { [pick(NESTED)]: makeValue(random, 0) })];
  return Object.fromEntries(
    Array.from({ length: random(6) }, () => [pick(NESTED), makeValue(random, depth - 1)]),
  );
}

describe('six thousand spoilt reports', () => {
  it('each becomes valid content or is refused with one of three codes, and never breaks us', () => {
    const random = makeRandom(20_261_120);
    const types = Object.keys(CARRIED_TYPES);
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 6_000; round++) {
      const type = types[round % types.length] ?? '';
      const count = 1 + random(12);
      const more = Array.from({ length: count }, () => [
        FIELDS[random(FIELDS.length)] ?? '',
        makeValue(random, 2),
      ]);
      const outcome = outcomeOf(makeReport(type, Object.fromEntries(more)));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    expect(Object.keys(outcomes).sort()).toEqual(
      ['carried', 'content-forbidden', 'content-invalid', 'type-not-carried'].filter(
        (code) => code in outcomes,
      ),
    );
    // Most of them have to get through, or this would test nothing but the first check.
    expect(outcomes.carried).toBeGreaterThan(2_000);
  });
});

/** `convert` validates what comes out: a refusal from there is a fault of the converter, and its words tell it apart. */
function outcomeOf(report: unknown): string {
  try {
    convert(report);
    return 'carried';
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const isOurs = /^not a XARF v4|^\/url |^\/source_identifier |^the report is nested/.test(error.message);
    if (error.code === 'content-invalid' && !isOurs) throw error;
    if (error.code === 'content-forbidden' && !error.message.includes('A csam report must not')) throw error;
    return error.code;
  }
}
