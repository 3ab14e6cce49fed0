import { rejectionWords } from '@entente/contract';

/** Words for the codes that stand in a story, for each language that it is told in. */
export interface CodeWords {
  /** Why somebody released a held message, or did not: by `vocabulary.json#/$defs/approval-reason`. */
  readonly reasons: Readonly<Record<string, string>>;
  /** What a permit obliges to, by the words of `@obligation`. */
  readonly duties: Readonly<Record<string, string>>;
  readonly retention: (days: string) => string;
  readonly redact: (dataClass: string) => string;
  readonly pseudonymise: (dataClass: string) => string;
  readonly clocks: string;
}

const en: CodeWords = {
  reasons: {
    lawful: 'it is lawful',
    authorised: 'it was authorised',
    necessary: 'it is necessary',
    'consent-given': 'consent was given',
    'not-competent': 'the sender is not competent',
    'no-legal-basis': 'there is no legal basis',
    disproportionate: 'it is disproportionate',
    incomplete: 'it is incomplete',
    'consent-refused': 'consent was refused',
    'other-channel': 'it belongs in another channel',
  },
  duties: {
    'statement-of-reasons': 'the user is told, with reasons',
    'copy-to-host-authority': "the authority of the host's country gets a copy",
    'keep-restorable': 'the content stays restorable',
    priority: 'it is dealt with before others',
  },
  retention: (days) => `kept for ${days} days at most`,
  redact: (dataClass) => `${dataClass} is taken out`,
  pseudonymise: (dataClass) => `${dataClass} is replaced by a pseudonym`,
  clocks: 'the deadlines of the table are stated',
};

const de: CodeWords = {
  reasons: {
    lawful: 'sie ist rechtmäßig',
    authorised: 'sie wurde genehmigt',
    necessary: 'sie ist erforderlich',
    'consent-given': 'die Zustimmung liegt vor',
    'not-competent': 'der Absender ist nicht zuständig',
    'no-legal-basis': 'es fehlt eine Rechtsgrundlage',
    disproportionate: 'sie ist unverhältnismäßig',
    incomplete: 'sie ist unvollständig',
    'consent-refused': 'die Zustimmung wurde verweigert',
    'other-channel': 'sie gehört auf einen anderen Weg',
  },
  duties: {
    'statement-of-reasons': 'der Nutzer wird unterrichtet, mit Begründung',
    'copy-to-host-authority': 'die Behörde im Land des Hosters bekommt eine Kopie',
    'keep-restorable': 'der Inhalt bleibt wiederherstellbar',
    priority: 'sie wird vor anderen bearbeitet',
  },
  retention: (days) => `höchstens ${days} Tage aufbewahrt`,
  redact: (dataClass) => `${dataClass} wird herausgenommen`,
  pseudonymise: (dataClass) => `${dataClass} wird durch ein Pseudonym ersetzt`,
  clocks: 'die Fristen der Tabelle werden genannt',
};

const fr: CodeWords = {
  reasons: {
    lawful: 'il est licite',
    authorised: 'il a été autorisé',
    necessary: 'il est nécessaire',
    'consent-given': 'le consentement a été donné',
    'not-competent': 'l’expéditeur n’est pas compétent',
    'no-legal-basis': 'il n’y a pas de base juridique',
    disproportionate: 'il est disproportionné',
    incomplete: 'il est incomplet',
    'consent-refused': 'le consentement a été refusé',
    'other-channel': 'il relève d’une autre voie',
  },
  duties: {
    'statement-of-reasons': 'l’utilisateur est informé, avec les motifs',
    'copy-to-host-authority': 'l’autorité du pays de l’hébergeur reçoit une copie',
    'keep-restorable': 'le contenu reste rétablissable',
    priority: 'il est traité avant les autres',
  },
  retention: (days) => `conservé ${days} jours au plus`,
  redact: (dataClass) => `${dataClass} est retiré`,
  pseudonymise: (dataClass) => `${dataClass} est remplacé par un pseudonyme`,
  clocks: 'les délais du tableau sont indiqués',
};

export const CODE_WORDS: Readonly<Record<string, CodeWords>> = { en, de, fr };

/** A code of a rejection or of an approval, with its words; a code that this version does not know by itself. */
export function sayCode(code: string, language: string): string {
  const { reasons = {} } = CODE_WORDS[language] ?? {};
  const words = Object.hasOwn(reasons, code) ? reasons[code] : rejectionWords(code, language);
  return words === code ? code : `${code}: ${words}`;
}

/** A duty or a remedy as a verdict has it: `retention:P90D`, `redact:victim.image`, `clocks`, or a word of the pack. */
export function sayDuty(duty: string, language: string): string {
  const words = CODE_WORDS[language];
  const [word = '', rest = ''] = duty.split(':');
  const days = /^P(\d+)D$/.exec(rest)?.[1];
  if (!words) return duty;
  if (word === 'retention' && days) return words.retention(days);
  if (word === 'redact' || word === 'pseudonymise') return words[word](rest);
  if (duty === 'clocks') return words.clocks;
  return Object.hasOwn(words.duties, duty) ? (words.duties[duty] ?? duty) : duty;
}
