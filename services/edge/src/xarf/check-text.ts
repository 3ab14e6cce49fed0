/** What is wrong with a report, and where; never with the value, which may be anyone's data. */
export type Problems = string[];

type JsonObject = Readonly<Record<string, unknown>>;

const MOST_TEXT = 2_000;

/** A text that must be there; if it is not, or not of this form, that is one of the problems and the text is empty. */
export function checkText(
  parent: JsonObject,
  name: string,
  where: string,
  form: RegExp,
  want: string,
  problems: Problems,
): string {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  if (value === undefined || value === null) problems.push(`${where}/${name} is missing`);
  else if (typeof value !== 'string') problems.push(`${where}/${name} must be a text`);
  else if (value.length > MOST_TEXT) problems.push(`${where}/${name} is longer than ${MOST_TEXT} characters`);
  else if (!form.test(value)) problems.push(`${where}/${name} must be ${want}`);
  else return value;
  return '';
}

/** A whole number that may be left out. */
export function checkWhole(
  parent: JsonObject,
  name: string,
  where: string,
  [least, most]: readonly [number, number],
  problems: Problems,
): number | undefined {
  const value = parent[name];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  problems.push(`${where}/${name} must be a whole number from ${least} to ${most}`);
  return undefined;
}
