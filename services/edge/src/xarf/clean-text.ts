import { fitsForm, longestOf } from './fits-form.js';

/** The forms of free words in our schemas. */
export type TextForm = 'line' | 'short-text' | 'text';

/**
 * Other people's words, brought into one of our forms: one that a terminal, a database and a reader can trust.
 * `undefined` when nothing is left that fits.
 */
export function cleanText(value: string, form: TextForm, changed: (how: string) => void): string | undefined {
  const most = longestOf(form);
  // What lies far behind the cut is not even looked at: the length is the attacker's choice.
  const near = value.slice(0, 4 * most);
  const plain = near.replace(/\r\n?|\p{Zl}|\p{Zp}/gu, '\n').replaceAll('\t', ' ');
  const printable = plain.replace(/(?!\n)[\p{Cc}\p{Cs}\u202d\u202e]/gu, '');
  if (printable !== plain) changed('control characters removed');
  const spaced = (form === 'line' ? printable.replace(/\s+/g, ' ') : printable).trim();
  const readable = form === 'line' ? spaced : withoutEncoded(spaced, form);
  if (readable !== spaced) changed('encoded data removed');
  const points = [...readable];
  const isCut = points.length > most || value.length > near.length;
  if (isCut) changed(`cut to ${most} characters`);
  const text = isCut ? `${points.slice(0, most - 1).join('')}…` : readable;
  return text !== '' && fitsForm(form, text) ? text : undefined;
}

const REMOVED = '[encoded data removed]';

/** A file in base64 is no text, whatever it is a file of. */
function withoutEncoded(text: string, form: TextForm): string {
  const isFree = (candidate: string) =>
    candidate === '' || fitsForm(form, [...candidate].slice(0, longestOf(form)).join(''));
  if (isFree(text)) return text;
  const named = text.replace(/data:(?=(?:application|audio|image|text|video)\/)|;base64,/gi, ' ');
  const withoutLong = named.replace(/[A-Za-z0-9+/_-]{200,}/g, REMOVED);
  if (isFree(withoutLong)) return withoutLong;
  return withoutLong.replace(/[A-Za-z0-9+/]{68,}/g, REMOVED);
}
