/** A sentence for the summary, for what has no field of its own; nothing for nothing. */
export function remark(label: string, value: string | readonly string[] | undefined): string | undefined {
  const words = typeof value === 'string' ? value : (value ?? []).join(', ');
  return words === '' ? undefined : `${label}: ${words}`;
}
