import { Rejection } from '@entente/contract';
import { readEntry } from './convert-break-in.js';
import { MALWARE_TYPES } from './convert-malware.js';
import { seenAt } from './convert-page.js';
import { convertServers, PROTOCOLS } from './convert-servers.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import type { XarfReport } from './parse-report.js';
import { type Place, readIp, readPlace } from './read-address.js';
import { readFlag, readWhole } from './read-number.js';
import { readText } from './read-text.js';
import { readWord, sameWords, unique, type Words } from './read-word.js';
import { remark } from './remark.js';

type JsonObject = Record<string, unknown>;

/**
 * `connection/infected_host` and `infrastructure/botnet`: a machine on a customer's line. The line is the point of the report, and the
 * customer's: it stands under people and nowhere else. If the source is the command server itself, it is a machine with an address.
 *
 * @throws Rejection `content-invalid` without an address; `type-not-carried` for a crawler, which XARF reports under the same type
 */
export const convertInfection: Convert = (fields, report) => {
  refuseCrawler(fields, report);
  const place = readPlace(report.sourceIdentifier, () => undefined);
  if (place?.ip === undefined && place?.domain === undefined) {
    throw new Rejection(
      'content-invalid',
      '/source_identifier must be the IP address or the host name of the infected machine',
    );
  }
  const servers = convertServers(fields);
  const isCommander = servers.some(({ ip, domain }) => (ip ?? domain) === (place.ip ?? place.domain));
  const port = report.sourcePort ?? place.port;
  const seen = seenAt(fields, report);
  const common = { details: detailsOf(fields, isCommander, servers), remarks: remarksOf(fields) };
  if (isCommander) {
    const address = { ...place, ...filled({ port }) };
    return { about: 'server', item: { id: 'i1', kind: 'host', address, ...seen }, ...common };
  }
  return {
    about: 'line',
    item: { id: 'i1', kind: 'host', customer: 'c1', ...seen },
    people: { customers: [customerOf(place, port, report.timestamp)] },
    ...common,
  };
};

/** A search engine or an AI crawler is a nuisance to some, but no infection: its operator must not be told that it has one. */
function refuseCrawler(fields: Fields, report: XarfReport): void {
  const kind = fields.take('bot_type', readWord(BOT_TYPES));
  if (kind !== 'crawler') return;
  throw new Rejection(
    'type-not-carried',
    `Reports of the type ${report.category}/${report.type} are carried for infected machines only; this bot_type is a crawler or a monitor. Send it by your usual channel.`,
  );
}

/** Port and time belong together: they are those of the incident, and not those of the last sighting. */
function customerOf(place: Place, port: number | undefined, at: string): JsonObject {
  const note =
    place.domain === undefined ? undefined : `Host name of the line: ${place.domain}`.slice(0, 1000);
  return { id: 'c1', role: 'affected', ...filled({ ip: place.ip, port, at, note }) };
}

function detailsOf(fields: Fields, isCommander: boolean, servers: readonly JsonObject[]): JsonObject {
  const family = fields.take('malware_family', readText('line'));
  const botName = fields.take('bot_name', readText('line'));
  const vector = fields.take('infection_vector', readText('short-text'));
  return {
    found: isCommander ? 'command-server' : 'infected-host',
    ...filled({
      compromised_host: isCommander ? undefined : true,
      family: family ?? botName,
      malware_type:
        fields.take('infection_type', readWord(MALWARE_TYPES)) ??
        fields.take('malware_type', readWord(MALWARE_TYPES)),
      detection_names: unique([
        ...(family === undefined || botName === undefined ? [] : [botName]),
        ...fields.list('detection_names', 19, readText('line')),
      ]),
      command_servers: servers,
      contacted: filled({
        ip: fields.take('destination_ip', readIp),
        port: fields.take('destination_port', readWhole(1, 65_535)),
        protocol: fields.take('protocol', readWord(PROTOCOLS)),
      }),
      bot_id: fields.take('bot_id', readText('line')),
      capabilities: unique(fields.list('bot_capabilities', 20, readWord(CAPABILITIES))),
      data_leaving: fields.take('data_exfiltration', readFlag),
      user_agent: fields.take('user_agent', readText('short-text')),
      entry: vector === undefined ? undefined : (readEntry(vector, () => undefined) ?? 'other'),
      entry_note: vector,
    }),
  };
}

function remarksOf(fields: Fields): (string | undefined)[] {
  return [
    remark('How it was found', fields.take('compromise_evidence', readText('short-text'))),
    remark('How often it calls', fields.take('communication_frequency', readText('line'))),
    remark('Behaviour', fields.take('behavior_pattern', readWord(BEHAVIOURS))),
  ];
}

const BOT_TYPES: Words<'crawler' | 'malicious'> = {
  malicious: 'malicious',
  unknown: 'malicious',
  search_engine: 'crawler',
  ai_agent: 'crawler',
  monitoring: 'crawler',
  seo_analyzer: 'crawler',
  link_checker: 'crawler',
  feed_reader: 'crawler',
  social_media: 'crawler',
  advertising: 'crawler',
};

export const CAPABILITIES = {
  ...sameWords('ddos', 'spam', 'proxy', 'keylogger', 'remote-shell', 'data-theft'),
  file_download: 'download',
  cryptocurrency_mining: 'mining',
} as const;

const BEHAVIOURS = sameWords(
  'legitimate-crawling',
  'aggressive-crawling',
  'api-abuse',
  'form-submission',
  'comment-spam',
  'account-creation',
  'content-harvesting',
  'vulnerability-probing',
  'mixed',
);
