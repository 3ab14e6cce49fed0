import { drawBytes } from './draw-bytes.js';
import { Rejection } from './rejection.js';

/** `<name>.<nation>`, for example `hotline.de`. */
export type MemberId = string & { readonly brand: 'MemberId' };
/** 128 random bits in lower-case hex: a message's or a case's id. */
export type EnvelopeId = string & { readonly brand: 'EnvelopeId' };

const MEMBER_ID = /^[a-z0-9][a-z0-9-]{0,30}\.[a-z]{2}$/;
const ENVELOPE_ID = /^[0-9a-f]{32}$/;

export function newId(random: (size: number) => Uint8Array = drawBytes): EnvelopeId {
  return Buffer.from(random(16)).toString('hex') as EnvelopeId;
}

export function isMemberId(text: string): text is MemberId {
  return MEMBER_ID.test(text);
}

export function isEnvelopeId(text: string): text is EnvelopeId {
  return ENVELOPE_ID.test(text);
}

/**
 * The nation of a member, in capitals: `DE` for `hotline.de`.
 * @throws Rejection `id-malformed`
 */
export function nationOf(member: string): string {
  if (!isMemberId(member))
    throw new Rejection('id-malformed', `"${member.slice(0, 40)}" is not a member's id`);
  return member.slice(member.lastIndexOf('.') + 1).toUpperCase();
}

/** What an entry of a log can name as a case, be it none of ours. */
export const isCaseName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value);
