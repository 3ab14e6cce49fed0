import { UsageError } from './usage.js';

/**
 * Directory sources are JSON for people: fields that end in `Ms` hold ISO times there, and milliseconds on the wire.
 * Byte fields do not occur in them.
 */
export function timesToText(value: unknown): unknown {
  return mapTimes(value, (time) =>
    typeof time === 'number' && time > 0 ? new Date(time).toISOString() : time,
  );
}

/** @throws RangeError naming the field whose time cannot be read */
export function timesFromText(value: unknown): unknown {
  return mapTimes(value, (time, field) => {
    if (typeof time !== 'string') return time;
    const ms = Date.parse(time);
    if (Number.isNaN(ms)) throw new RangeError(`${field} is not a time like 2026-01-31T00:00:00Z`);
    return ms;
  });
}

function mapTimes(value: unknown, change: (time: unknown, field: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapTimes(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key.endsWith('Ms') ? change(item, key) : mapTimes(item, change),
    ]),
  );
}

/**
 * The beginning of a day (UTC) that somebody has named.
 * @throws UsageError: also of the 30th of February, which JavaScript reads as a day of March
 */
export function dayMs(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text)
    throw new UsageError(`"${text}" is no day: write it as 2026-11-24.`);
  return ms;
}
