import { convertHashes } from './convert-hashes.js';
import { convertPage } from './convert-page.js';
import type { Convert } from './converted.js';
import { filled } from './filled.js';
import type { Fields } from './open-fields.js';
import { readIp } from './read-address.js';
import { readFlag } from './read-number.js';
import { readExact, readText } from './read-text.js';
import { readWord, sameWords, unique, type Words } from './read-word.js';
import { remark } from './remark.js';

/** `content/csam` and `content/csem`: the material, and what else is done to children. Either may carry the other's fields. */
export const convertCsam: Convert = (fields, report, findings) => {
  const mediaKind = fields.take('media_type', readWord(MEDIA_KINDS));
  const classification = fields.take('classification', readWord(CLASSIFICATIONS));
  const inhopeClass = classification && INHOPE_CLASSES[classification];
  if (inhopeClass) {
    findings.say(
      `classification: entered as class_at_origin "${inhopeClass}"; check it under the law of your country`,
    );
  }
  const ncmec = fields.take('ncmec_report_id', readExact('reference'));
  const indicators = fields.group('perpetrator_indicators');
  return {
    about: 'content',
    item: {
      ...convertPage(fields, report, findings),
      kind: mediaKind === 'image' || mediaKind === 'video' || mediaKind === 'audio' ? mediaKind : 'page',
      ...filled({
        hashes: convertHashes(fields, findings),
        class_at_origin: inhopeClass,
        site_type: fields.take('platform', readWord(PLATFORMS)),
      }),
    },
    people: filled({ suspects: suspectsOf(indicators) }),
    details: filled({
      media_kind: mediaKind,
      industry_class: classification === 'baseline' ? undefined : classification,
      exploitation: listOf(fields.take('exploitation_type', readWord(EXPLOITATIONS))),
      victim_age_range: fields.take('victim_age_range', readWord(AGES)),
      known_material: fields.raw('detection_method') === 'hash_match' ? true : undefined,
      conduct: indicators.take('pattern_of_behavior', readText('text')),
      evidence_held: unique(fields.list('evidence_type', 20, readWord(EVIDENCE_HELD))),
      reported_to: ncmec === undefined ? undefined : ['ncmec'],
    }),
    references: ncmec === undefined ? [] : [{ system: 'ncmec', number: ncmec }],
    remarks: remarksOf(fields),
  };
};

/** The reporter suspects an account and names addresses; it does not say when they were used. */
function suspectsOf(indicators: Fields): Record<string, unknown>[] | undefined {
  const userId = indicators.take('account_id', readText('line'));
  const lines = indicators.list('ip_addresses', 50, readIp).map((ip) => ({ ip }));
  if (userId === undefined && lines.length === 0) return undefined;
  const accounts = userId === undefined ? undefined : [{ user_id: userId }];
  return [{ id: 's1', standing: 'suspected', based_on: 'assessment', ...filled({ accounts, lines }) }];
}

/** XARF does not tell a report that was made from one that has to be made: so this is words, not `reported_to`. */
function remarksOf(fields: Fields): (string | undefined)[] {
  const isRemoved = fields.take('content_removed', readFlag);
  const isSuspended = fields.take('account_suspended', readFlag);
  return [
    isRemoved === true
      ? 'The reporter says that it has been removed already: check that it is gone.'
      : undefined,
    isRemoved === false ? 'The reporter says that it has not been removed.' : undefined,
    isSuspended === true ? 'The reporter says that the account has been suspended.' : undefined,
    remark(
      'To be reported, or already reported, to',
      fields.list('reporting_obligations', 8, readWord(BODIES)),
    ),
  ];
}

function listOf<T>(member: T | undefined): T[] {
  return member === undefined ? [] : [member];
}

export const MEDIA_KINDS = sameWords('image', 'video', 'audio', 'text', 'mixed');
export const CLASSIFICATIONS = sameWords('baseline', 'a1', 'a2', 'b1', 'b2');
export const AGES = sameWords('infant', 'toddler', 'prepubescent', 'pubescent', 'unknown');

/** INHOPE's baseline is a real, prepubescent child: the providers' A. Pubescent, their B, is a matter of national law. */
const INHOPE_CLASSES = {
  baseline: 'baseline',
  a1: 'baseline',
  a2: 'baseline',
  b1: 'national',
  b2: 'national',
} as const;

export const EXPLOITATIONS = {
  ...sameWords('production', 'distribution', 'possession', 'grooming', 'solicitation', 'trafficking'),
  sextortion: 'extortion',
} as const;

export const PLATFORMS = {
  ...sameWords('forum', 'email', 'other'),
  social_media: 'social-network',
  messaging_app: 'messaging',
  gaming_platform: 'gaming',
  darkweb: 'darknet',
} as const;

export const EVIDENCE_HELD = {
  ...sameWords('images', 'videos', 'metadata'),
  chat_logs: 'chat-log',
  user_profile: 'profile',
} as const;

const BODIES: Words<string> = {
  ncmec: 'NCMEC',
  iwf: 'IWF',
  local_law_enforcement: 'local police',
  europol: 'Europol',
  interpol: 'Interpol',
  platform_safety_team: "the platform's safety team",
  other: 'others',
};
