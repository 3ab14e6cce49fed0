import { fitsForm } from './fits-form.js';
import type { Reader } from './open-fields.js';

export function readWhole(least: number, most: number): Reader<number> {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : undefined;
}

export function readAmount(least: number, most: number): Reader<number> {
  return (value) => (typeof value === 'number' && value >= least && value <= most ? value : undefined);
}

export const readFlag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,12})?(?:[Zz]|([+-]\d{2}:\d{2}))$/;

/** A time in RFC 3339 with any offset, as the UTC time that our schemas want. */
export const readTime: Reader<string> = (value) => {
  const [, year, month, day, time, fraction = '', offset = 'Z'] =
    (typeof value === 'string' && value.length <= 60 && RFC_3339.exec(value.trim())) || [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined;
  const ms = Date.parse(`${year}-${month}-${day}T${time}${fraction.slice(0, 4)}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  const iso = utcTime(ms);
  return fitsForm('time', iso) ? iso : undefined;
};

function utcTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
