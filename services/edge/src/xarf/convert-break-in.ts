import { CVE, PERSISTENCE } from './convert-malware.js';
import { convertServers } from './convert-servers.js';
import { filled } from './filled.js';
import type { Fields, Reader } from './open-fields.js';
import { readFlag } from './read-number.js';
import { readExact, readText } from './read-text.js';
import { readWord, unique, type Words } from './read-word.js';

type JsonObject = Record<string, unknown>;

/** What XARF's two types say of a machine that somebody broke into: how, what was left there, what it does now. */
export function convertBreakIn(fields: Fields, compromise: string | undefined): JsonObject {
  const shell = fields.group('webshell_details');
  const shellType = fields.take('webshell_type', readText('line'));
  const malwareType = compromise === undefined ? undefined : MALWARE_TYPES[compromise];
  return {
    found: compromise === 'c2-server' ? 'command-server' : 'compromised-server',
    compromised_host: true,
    ...filled({
      family: fields.take('malware_family', readText('line')) ?? shell.take('family', readText('line')),
      malware_type: malwareType ?? (shellType === undefined ? undefined : 'webshell'),
      files: fields.list('malicious_files', 50, readText('line')).map((path) => ({ path })),
      command_servers: convertServers(fields),
      service: serviceOf(fields),
      ...entryOf(fields),
      persistence: unique(fields.list('persistence_mechanisms', 20, readWord(PERSISTENCE))),
      capabilities: unique([
        ...shell.list('capabilities', 20, readWord(CAPABILITIES)),
        ...fields.list('shell_functionality', 20, readWord(CAPABILITIES)),
        ...fields.list('malicious_activities', 20, readWord(CAPABILITIES)),
      ]),
      data_leaving: fields.take('data_exfiltration_detected', readFlag),
    }),
  };
}

function serviceOf(fields: Fields): string | undefined {
  const parts = ['affected_cms', 'service', 'service_version'].map((name) =>
    fields.take(name, readText('line')),
  );
  const service = parts.filter((part) => part !== undefined && part !== 'unknown').join(' ');
  return service === '' ? undefined : readText('line')(service, () => undefined);
}

/** XARF leaves the way in to free words: those that are clear become one of ours, and all of them stay in the note. */
function entryOf(fields: Fields): JsonObject {
  const hole = fields.group('vulnerability_exploited');
  const cves = [fields.take('vulnerability_cve', readExact(CVE)), hole.take('cve', readExact(CVE))];
  const component = hole.take('component', readText('line'));
  const method = fields.take('compromise_method', readText('short-text'));
  const note = [method, component, hole.take('description', readText('short-text'))].filter(
    (part) => part !== undefined,
  );
  const known = unique(cves.filter((cve) => cve !== undefined));
  return {
    entry: readEntry(method, () => undefined) ?? (known.length > 0 ? 'unpatched-software' : undefined),
    entry_note: note.length === 0 ? undefined : readText('short-text')(note.join('\n'), () => undefined),
    cves: known,
  };
}

export const readEntry: Reader<string> = (value) =>
  typeof value === 'string' ? ENTRIES.find(([pattern]) => pattern.test(value))?.[1] : undefined;

export const ENTRIES: readonly (readonly [RegExp, string])[] = [
  [/plugin/i, 'plugin'],
  [/web_?shell/i, 'webshell'],
  [/brute|guess|weak.password|default.password/i, 'guessed-password'],
  [/stolen|leaked|credential|phish/i, 'stolen-password'],
  [/worm/i, 'worm'],
  [/attachment/i, 'email-attachment'],
  [/drive.by/i, 'drive-by'],
  [/supply.chain/i, 'supply-chain'],
  [/vulnerab|unpatched|outdated|exploit|CVE-/i, 'unpatched-software'],
];

const MALWARE_TYPES: Words<string> = {
  webshell: 'webshell',
  backdoor: 'backdoor',
  cryptominer: 'cryptominer',
};

export const CAPABILITIES = {
  spam_sending: 'spam',
  ddos_attacks: 'ddos',
  cryptocurrency_mining: 'mining',
  data_exfiltration: 'data-theft',
  database_access: 'data-theft',
  command_execution: 'remote-shell',
  file_upload: 'download',
  file_manager: 'other',
  network_scanning: 'other',
  privilege_escalation: 'other',
  persistence: 'other',
  lateral_movement: 'other',
  hosting_malware: 'other',
  hosting_phishing: 'other',
  scanning: 'other',
  other: 'other',
} as const;
