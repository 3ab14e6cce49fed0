import { UsageError } from '../usage.js';

/** The sentences around the rules' own words, for each language that the packs have. */
export interface StoryWords {
  readonly message: (from: string, to: string) => string;
  readonly asks: string;
  readonly issued: string;
  readonly case: string;
  readonly notLogged: string;
  readonly erased: (count: number) => string;
  readonly stages: Readonly<Record<string, string>>;
  readonly permit: string;
  readonly refuse: string;
  readonly hold: (awaits: string, until: string) => string;
  /** Before anything is sent. */
  readonly wouldHold: (awaits: string, hours: number) => string;
  readonly afterHold: string;
  readonly rejection: string;
  readonly noRule: (rule: string, says: string) => string;
  readonly lacks: string;
  readonly remedies: string;
  readonly duties: string;
  readonly says: (who: string, what: string) => string;
  readonly statements: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly byPack: string;
  readonly endings: Readonly<Record<string, string>>;
  readonly unverified: string;
  /** What is said where no rule is named. */
  readonly toItself: string;
  readonly notApplied: string;
  /** The same, where nothing was sent: nobody but the reader is told. */
  readonly notAppliedHere: (errors: string) => string;
  /** The rules of that time are missing: what the log says, in English. */
  readonly notAtHand: (reason: string) => string;
  /** Of rules that hold, where nothing can wait. */
  readonly tooSlow: string;
  readonly fault: string;
  /** Beside evidence by who has no part in the message. */
  readonly stranger: string;
}

export const EN: StoryWords = {
  message: (from, to) => `Message from ${from} to ${to}`,
  asks: 'asks',
  issued: 'issued',
  case: 'case',
  notLogged:
    'No log that was read holds a message with this id. Is it the id of a case? "entente audit case" tells of cases; "entente inbox", or with --sent, lists messages.',
  erased: (count) => `${count} entries were erased; it may have stood in one of them.`,
  stages: { leave: 'leaving the nation', enter: 'entering the nation', inside: 'inside the nation' },
  permit: 'permitted',
  refuse: 'returned to sender',
  hold: (awaits, until) => `held until ${until}; ${awaits} may release it`,
  wouldHold: (awaits, hours) => `held for at most ${hours} h; ${awaits} may release it`,
  afterHold: 'the hold ended',
  rejection: 'not accepted',
  noRule: (rule, says) => `No rule permits this. The closest is "${rule}": ${says}`,
  lacks: 'It does not apply because this does not hold:',
  remedies: 'would pass after',
  duties: 'with the duty',
  says: (who, what) => `${who} says: ${what}`,
  statements: {
    delivered: 'delivered',
    'not-delivered': 'not delivered',
    retrieved: 'opened by a person',
    'not-retrieved': 'not opened in time',
    erased: 'erased, as it was taken back',
    'relay-failed': 'the other nation’s gate never answered',
    released: 'released',
    'not-released': 'not released',
    'inspection-asked': 'to be opened to the auditor',
    'inspection-opened': 'opened to the auditor',
    'inspection-not-opened': 'not opened to the auditor',
  },
  reason: 'reason',
  byPack: 'by the rules',
  endings: {
    delivered: 'It was delivered.',
    'not-delivered': 'It arrived, and its recipient could not take it.',
    expired: 'Its time is over, and nobody has answered for it.',
    returned: 'It was returned to its sender.',
    waiting: 'It waits for a release.',
    'on-its-way': 'It passed, and no log holds a word of its delivery yet.',
    unknown: 'What became of it is not in these logs.',
  },
  unverified: 'This is what the logs say; signatures of messages were not checked here.',
  toItself: 'The recipient is the sender: such a message has no business at a border.',
  notApplied:
    'The rules could not be applied to this message, so it does not pass; the operator of the gate is told.',
  notAppliedHere: (errors) => `The rules cannot be applied to this, so it would not pass: ${errors}`,
  notAtHand: (reason) => `The rules of that time are not at hand. The log says: ${reason}`,
  tooSlow:
    'Waiting for a release would outlast a deadline of the law, so this is not held but returned at once.',
  fault: 'FAULT',
  stranger: '(whoever says this has no part in it, or means another message: it does not count)',
};

const de: StoryWords = {
  message: (from, to) => `Nachricht von ${from} an ${to}`,
  asks: 'bittet um',
  issued: 'ausgestellt',
  case: 'Fall',
  notLogged:
    'Kein gelesenes Protokoll enthält eine Nachricht mit dieser Kennung. Ist es die eines Falls? Von Fällen sagt es „entente audit case“; Nachrichten nennt „entente inbox“, auch mit --sent.',
  erased: (count) => `${count} Einträge wurden gelöscht; sie kann in einem davon gestanden haben.`,
  stages: { leave: 'beim Verlassen des Staates', enter: 'beim Eintritt in den Staat', inside: 'im Staat' },
  permit: 'zugelassen',
  refuse: 'an den Absender zurückgegeben',
  hold: (awaits, until) => `angehalten bis ${until}; freigeben kann sie ${awaits}`,
  wouldHold: (awaits, hours) => `angehalten für höchstens ${hours} h; freigeben kann sie ${awaits}`,
  afterHold: 'das Anhalten endete',
  rejection: 'nicht angenommen',
  noRule: (rule, says) => `Keine Regel erlaubt dies. Am nächsten kommt „${rule}“: ${says}`,
  lacks: 'Sie gilt nicht, weil dies nicht zutrifft:',
  remedies: 'ginge durch nach',
  duties: 'mit der Pflicht',
  says: (who, what) => `${who} sagt: ${what}`,
  statements: {
    delivered: 'zugestellt',
    'not-delivered': 'nicht zugestellt',
    retrieved: 'von einer Person geöffnet',
    'not-retrieved': 'nicht rechtzeitig geöffnet',
    erased: 'gelöscht, weil sie zurückgenommen wurde',
    'relay-failed': 'das Gate des anderen Staates hat nie geantwortet',
    released: 'freigegeben',
    'not-released': 'nicht freigegeben',
    'inspection-asked': 'der Aufsicht vorzulegen',
    'inspection-opened': 'der Aufsicht vorgelegt',
    'inspection-not-opened': 'der Aufsicht nicht vorgelegt',
  },
  reason: 'Grund',
  byPack: 'nach den Regeln',
  endings: {
    delivered: 'Sie wurde zugestellt.',
    'not-delivered': 'Sie kam an, und der Empfänger konnte sie nicht annehmen.',
    expired: 'Ihre Zeit ist vorbei, und niemand hat für sie geantwortet.',
    returned: 'Sie wurde an den Absender zurückgegeben.',
    waiting: 'Sie wartet auf eine Freigabe.',
    'on-its-way': 'Sie wurde zugelassen; von ihrer Zustellung steht noch nichts in einem Protokoll.',
    unknown: 'Was aus ihr wurde, steht nicht in diesen Protokollen.',
  },
  unverified: 'Dies sagen die Protokolle; die Signaturen der Nachrichten wurden hier nicht geprüft.',
  toItself:
    'Empfänger und Absender sind derselbe: eine solche Nachricht hat an einer Grenze nichts zu suchen.',
  notApplied:
    'Die Regeln ließen sich auf diese Nachricht nicht anwenden, also geht sie nicht durch; der Betreiber des Gates weiß es.',
  notAppliedHere: (errors) =>
    `Die Regeln lassen sich hierauf nicht anwenden, also ginge es nicht durch: ${errors}`,
  notAtHand: (reason) =>
    `Die damaligen Regeln liegen nicht vor. Im Protokoll steht, auf Englisch: „${reason}“`,
  tooSlow:
    'Auf eine Freigabe zu warten dauerte länger als eine Frist des Gesetzes, also wird die Nachricht nicht angehalten, sondern sofort zurückgegeben.',
  fault: 'FEHLER',
  stranger: '(wer das sagt, hat mit ihr nichts zu tun oder meint eine andere: es zählt nicht)',
};

const fr: StoryWords = {
  message: (from, to) => `Message de ${from} à ${to}`,
  asks: 'demande',
  issued: 'émis le',
  case: 'dossier',
  notLogged:
    'Aucun journal lu ne contient de message portant cet identifiant. Est-ce celui d’un dossier ? « entente audit case » parle des dossiers ; « entente inbox », aussi avec --sent, nomme les messages.',
  erased: (count) => `${count} entrées ont été effacées ; il peut avoir figuré dans l’une d’elles.`,
  stages: { leave: 'à la sortie du pays', enter: 'à l’entrée dans le pays', inside: 'à l’intérieur du pays' },
  permit: 'autorisé',
  refuse: 'renvoyé à l’expéditeur',
  hold: (awaits, until) => `retenu jusqu’au ${until} ; peut être libéré par ${awaits}`,
  wouldHold: (awaits, hours) => `retenu ${hours} h au plus ; peut être libéré par ${awaits}`,
  afterHold: 'la retenue a pris fin',
  rejection: 'non accepté',
  noRule: (rule, says) => `Aucune règle ne le permet. La plus proche est « ${rule} » : ${says}`,
  lacks: 'Elle ne s’applique pas, car ceci n’est pas rempli :',
  remedies: 'passerait après',
  duties: 'avec l’obligation',
  says: (who, what) => `${who} déclare : ${what}`,
  statements: {
    delivered: 'remis',
    'not-delivered': 'non remis',
    retrieved: 'ouvert par une personne',
    'not-retrieved': 'non ouvert à temps',
    erased: 'effacé, car il a été repris',
    'relay-failed': 'le gate de l’autre État n’a jamais répondu',
    released: 'libéré',
    'not-released': 'non libéré',
    'inspection-asked': 'à ouvrir pour l’auditeur',
    'inspection-opened': 'ouvert pour l’auditeur',
    'inspection-not-opened': 'non ouvert pour l’auditeur',
  },
  reason: 'motif',
  byPack: 'selon les règles',
  endings: {
    delivered: 'Il a été remis.',
    'not-delivered': 'Il est arrivé, et son destinataire n’a pas pu le prendre.',
    expired: 'Son temps est écoulé, et personne n’a répondu pour lui.',
    returned: 'Il a été renvoyé à son expéditeur.',
    waiting: 'Il attend d’être libéré.',
    'on-its-way': 'Il est passé ; aucun journal ne contient encore de mot sur sa remise.',
    unknown: 'Ce qu’il est devenu ne figure pas dans ces journaux.',
  },
  unverified: 'C’est ce que disent les journaux ; les signatures des messages n’ont pas été vérifiées ici.',
  toItself: 'Le destinataire est l’expéditeur : un tel message n’a rien à faire à une frontière.',
  notApplied:
    'Les règles n’ont pas pu être appliquées à ce message, il ne passe donc pas ; l’exploitant de la passerelle en est informé.',
  notAppliedHere: (errors) =>
    `Les règles ne peuvent pas être appliquées à ceci, cela ne passerait donc pas : ${errors}`,
  notAtHand: (reason) =>
    `Les règles d’alors ne sont pas disponibles. Le journal dit, en anglais : « ${reason} »`,
  tooSlow:
    'Attendre une libération durerait plus longtemps qu’un délai de la loi ; le message n’est donc pas retenu mais renvoyé aussitôt.',
  fault: 'ANOMALIE',
  stranger: '(qui le dit n’y a aucune part, ou parle d’un autre message : cela ne compte pas)',
};

export const STORY_WORDS: Readonly<Record<string, StoryWords>> = { en: EN, de, fr };

/** @throws UsageError for a language that is not spoken here */
export function wordsOf(language: string): StoryWords {
  const words = Object.hasOwn(STORY_WORDS, language) ? STORY_WORDS[language] : undefined;
  if (words) return words;
  throw new UsageError(
    `"${language}" is no language that is spoken here: ${Object.keys(STORY_WORDS).join(', ')}.`,
  );
}
