/** One thing that was checked. */
export interface Finding {
  /** `holds`, `note` (to be known, no fault), or what is wrong. */
  readonly code: string;
  readonly words: string;
}

/** What is not as it would be if everything had gone as the file says. */
export function isFault({ code }: Finding): boolean {
  return code !== 'holds' && code !== 'note';
}

/** Runs one check; what it throws is what it found. */
export async function check<T>(
  findings: Finding[],
  about: string,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    findings.push({ code: code ?? 'unreadable', words: `${about}: ${message || code}` });
    return undefined;
  }
}
