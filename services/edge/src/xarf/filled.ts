/** Without the members that hold nothing; `undefined` if none is left. Our schemas know no empty lists and objects. */
export function filled(record: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(record).filter(([, value]) => !isEmpty(value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
