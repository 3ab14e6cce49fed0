import { Rejection } from '@entente/contract';
import type { Findings } from './collect-findings.js';
import { filled } from './filled.js';
import { fitsForm } from './fits-form.js';
import type { Fields, Reader } from './open-fields.js';
import type { XarfReport } from './parse-report.js';
import { readDomain, readIp, readPlace, readUrl } from './read-address.js';
import { readTime, readWhole } from './read-number.js';
import { readExact, readText } from './read-text.js';

type JsonObject = Record<string, unknown>;

/**
 * What all types of XARF's category `content` say of a page: its exact address, and who carries it.
 * @throws Rejection `content-invalid` without an address that the network carries: a notice names the exact place (DSA art. 16(2)(b))
 */
export function convertPage(fields: Fields, report: XarfReport, findings: Findings): JsonObject {
  const url = fields.take('url', readUrl);
  if (url === undefined) throw new Rejection('content-invalid', whyNoUrl(fields));
  const source = readPlace(report.sourceIdentifier, () => undefined) ?? {};
  const named = fields.take('domain', readDomain);
  const other = named !== undefined && named !== source.domain ? source.domain : undefined;
  if (source.url === undefined && source.ip === undefined && source.domain === undefined) {
    findings.misfit('source_identifier');
  }
  return {
    id: 'i1',
    address: filled({
      url,
      how: /^[a-z0-9+]+:\/\/[^/?#]*\.onion(?:[:/?#]|$)/i.test(url) ? ['tor'] : undefined,
      domain: named ?? source.domain,
      ip: source.ip ?? ipOf(fields.group('dns_records'), findings),
      port: report.sourcePort ?? source.port,
      ...carriersOf(fields),
    }),
    ...seenAt(fields, report),
    ...filled({ note: other === undefined ? undefined : `Source named in the report: ${other}` }),
  };
}

/** When it was seen, first and last. */
export function seenAt(fields: Fields, report: XarfReport): JsonObject {
  return {
    seen_at: fields.take('verified_at', readTime) ?? fields.take('last_seen', readTime) ?? report.timestamp,
    ...filled({ first_seen_at: fields.take('first_seen', readTime) }),
  };
}

function whyNoUrl(fields: Fields): string {
  if (fields.raw('url') === undefined) return '/url is missing: a report of content names its exact address';
  return '/url must be an exact address of at most 2048 characters that begins with http, https, ftp, ipfs, ipns, ed2k or magnet';
}

function ipOf(records: Fields, findings: Findings): string | undefined {
  const found = [...records.list('a', 20, readIp), ...records.list('aaaa', 20, readIp)];
  if (found.length > 1) findings.changed('dns_records', `the first of ${found.length} addresses`);
  return found[0];
}

function carriersOf(fields: Fields): JsonObject {
  return {
    asn: fields.take('asn', readWhole(1, 4_294_967_295)),
    hosting_country: fields.take('country_code', readExact('country')),
    hosting_provider: fields.take('hosting_provider', readText('line')),
    nameservers: [...new Set(fields.list('nameservers', 8, readDomain))],
    registrar: fields.take('registrar', readText('line')),
    registered_on: fields.group('whois').take('created_date', readDay),
    certificate_sha256: fields.group('ssl_certificate').take('fingerprint', readFingerprint),
  };
}

const readDay: Reader<string> = (value) => {
  const day = typeof value === 'string' ? value.slice(0, 10) : '';
  return fitsForm('date', day) && !Number.isNaN(Date.parse(day)) ? day : undefined;
};

const readFingerprint: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.length > 200) return undefined;
  const digits = value
    .replace(/^sha-?256[:=]/i, '')
    .replace(/[:\s]/g, '')
    .toLowerCase();
  return fitsForm('sha256', digits) ? digits : undefined;
};
