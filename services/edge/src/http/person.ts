import { isResponsible, type Signoff, UNNAMED } from '@entente/contract';
import type { FastifyRequest } from 'fastify';
import { isNamed, type Person } from '../log-access.js';
import { mustJustify, saysWhy } from '../must-justify.js';
import type { Edge } from '../state.js';
import { WRITTEN_IN_LINES, WRITTEN_NAME } from './written.js';

/** Said in `/openapi.json` of each route that shows what was said or by whom. */
export const PERSON_HEADERS = {
  type: 'object',
  properties: {
    'entente-actor': {
      type: 'string',
      maxLength: 720,
      description:
        'Who asks: the name or number by which the member knows the person, percent-encoded, or `system` for a program that asks by itself',
    },
    'entente-justification': {
      type: 'string',
      maxLength: 12_000,
      description:
        'Why, at most 2000 characters, and 12,000 percent-encoded; a member that is police, prosecutor, court or ministry has to say it, unless a program asks by itself. Of what is sent a commitment travels, and the words stay here',
    },
  },
} as const;

/** As in the files of a ledger: who wanted something kept or erased, and who agreed. Nobody has to be named. */
export const SIGNOFF_PROPERTIES = {
  proposed_by: { type: 'string', description: 'who wants it: a unit or a file number; it stays in the log' },
  approved_by: { type: 'array', items: { type: 'string' }, description: 'who agreed: units or file numbers' },
} as const;

export interface SignoffBody {
  readonly proposed_by?: string;
  readonly approved_by?: readonly string[];
}

/** What is said about the person cannot be read, or is missing where it is needed. */
export class BadPerson extends Error {
  readonly code: 'actor-missing' | 'actor-malformed' | 'justification-missing' | 'signoff-malformed';

  constructor(code: BadPerson['code'], message: string) {
    super(message);
    this.name = 'BadPerson';
    this.code = code;
  }
}

const NAME = new RegExp(WRITTEN_NAME, 'u');
const WORDS = new RegExp(WRITTEN_IN_LINES, 'u');
const MOST_NAME = 120;
const MOST_WORDS = 2000;

/** The member's own systems vouch for it, as they do for all else that they send with the token. @throws BadPerson */
function nameOf(request: FastifyRequest): string | undefined {
  const name = read(request, 'entente-actor');
  if (name === undefined) return undefined;
  if (name.length > MOST_NAME || !NAME.test(name))
    throw new BadPerson(
      'actor-malformed',
      `Entente-Actor is a name or a number of 1 to ${MOST_NAME} characters.`,
    );
  return name;
}

/**
 * Who looks at something, and why, where that has to be said: whatever is shown by this is a consultation or a disclosure.
 * @throws BadPerson; Rejection for another member's pseudonym
 */
export function viewerOf(edge: Edge, request: FastifyRequest): Person {
  return checkWhy(edge, personOf(edge, request));
}

/** The same of what was said in a case, which is shown to nobody who is not named. @throws BadPerson */
export function namedViewerOf(edge: Edge, request: FastifyRequest): Person {
  return checkWhy(edge, namedPersonOf(edge, request));
}

/** Why a message is handed in, by whom its body names. @throws BadPerson where that has to be said */
export function justificationFor(edge: Edge, request: FastifyRequest, body: object): string {
  const actor = 'actor' in body ? String(body.actor) : UNNAMED;
  return checkWhy(edge, { actor, justification: justificationOf(request) }).justification;
}

function checkWhy(edge: Edge, person: Person): Person {
  if (saysWhy(person) || !mustJustify(edge, person)) return person;
  throw new BadPerson(
    'justification-missing',
    `Say why in the header "Entente-Justification", percent-encoded ("--justification" on the command line): ${edge.member} is an authority, whose log has to give the justification of whatever a person consults or discloses (Directive (EU) 2016/680, Art. 25(1)). Nothing was sent or shown. A program that acts by itself says "system" in "Entente-Actor".`,
  );
}

/** Of what gives its reason otherwise, or shows nothing of any case. @throws BadPerson; Rejection for another member's pseudonym */
function personOf(edge: Edge, request: FastifyRequest): Person {
  return { actor: edge.actors.pseudonymOf(nameOf(request)), justification: justificationOf(request) };
}

/** Empty where nothing is said. @throws BadPerson */
function justificationOf(request: FastifyRequest): string {
  const justification = read(request, 'entente-justification') ?? '';
  if (justification.length > MOST_WORDS || !WORDS.test(justification))
    throw new BadPerson(
      'actor-malformed',
      `Entente-Justification has at most ${MOST_WORDS} characters, and none that nobody sees.`,
    );
  return justification;
}

/** What was said in a case is shown to nobody who is not named, kept or erased by nobody (LED Art. 25(1)). @throws BadPerson */
export function namedPersonOf(edge: Edge, request: FastifyRequest): Person {
  const person = personOf(edge, request);
  if (isNamed(person)) return person;
  throw new BadPerson(
    'actor-missing',
    'Say who asks in the header "Entente-Actor": a name or a number of the person, percent-encoded, or "system" for a program. It goes into the log of accesses.',
  );
}

/** @throws BadPerson */
export function signoffOf({
  proposed_by: proposedBy = '',
  approved_by: approvedBy = [],
}: SignoffBody): Signoff {
  const signoff = { proposedBy, approvedBy };
  if (isResponsible(signoff)) return signoff;
  throw new BadPerson(
    'signoff-malformed',
    'proposed_by and approved_by are units or file numbers, on one short line each.',
  );
}

/** The body with the person in it, unless it names one itself. */
export function withActor<T extends object>(request: FastifyRequest, body: T): T {
  const name = nameOf(request);
  return name === undefined || 'actor' in body ? body : { ...body, actor: name };
}

function read(request: FastifyRequest, header: string): string | undefined {
  const value = request.headers[header];
  if (value === undefined || value === '') return undefined;
  try {
    return decodeURIComponent(String(value));
  } catch {
    throw new BadPerson('actor-malformed', `${header} is not percent-encoded UTF-8.`);
  }
}
