/** As it ends the name of a log that is one for each nation and year: `entente.example/de/2026`, or `2026b` after a restore. */
const YEAR = /(?:^|[./-])(\d{4})[a-z]?$/;

/** When the year is over that an origin names, in ms; undefined: it names none. */
export function endOfYear(origin: string): number | undefined {
  const year = YEAR.exec(origin)?.[1];
  return year === undefined ? undefined : Date.UTC(Number(year) + 1, 0, 1);
}
