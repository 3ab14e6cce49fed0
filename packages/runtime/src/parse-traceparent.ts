/** Of a W3C Trace Context: 32 and 16 hex digits, not all of them 0. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
}

// https://www.w3.org/TR/trace-context/#traceparent-header-field-values, version 00 and nothing else.
const GRAMMAR = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/**
 * Whoever sent it chose every byte. Its flags are not looked at: whether something is traced here is decided here.
 * @returns undefined for whatever is not of that grammar
 */
export function parseTraceparent(text: string): TracePlace | undefined {
  const [, traceId, spanId] = GRAMMAR.exec(text) ?? [];
  return traceId && spanId ? { traceId, spanId } : undefined;
}

/** That what is sent along was traced. */
export const formatTraceparent = ({ traceId, spanId }: TracePlace): string => `00-${traceId}-${spanId}-01`;
