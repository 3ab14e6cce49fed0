import { cleanText, type TextForm } from './clean-text.js';
import { fitsForm } from './fits-form.js';
import type { Reader } from './open-fields.js';

/** Words that may be cleaned and cut. */
export function readText(form: TextForm): Reader<string> {
  return (value, changed) => (typeof value === 'string' ? cleanText(value, form, changed) : undefined);
}

/** A name or a number that is worthless when it is changed: it fits as it is, but for the white space around it, or not at all. */
export function readExact(form: string): Reader<string> {
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') return undefined;
    const trimmed = text.trim();
    return fitsForm(form, trimmed) ? trimmed : undefined;
  };
}

/** Hex digits, which we write in lower case. */
export function readHex(form: string): Reader<string> {
  return (value) => {
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    return fitsForm(form, text) ? text : undefined;
  };
}
