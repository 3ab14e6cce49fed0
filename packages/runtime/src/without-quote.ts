/**
 * What is wrong with JSON. The parser quotes what stands there, all of a short file: a secret, where that was named by mistake, or what a
 * person wrote about a case.
 */
export function withoutQuote(error: unknown): string {
  return (error as Error).message.replace(/, (?:\.{3})?".*"(?:\.{3})? is not valid JSON$/s, '');
}
