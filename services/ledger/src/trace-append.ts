import { wire } from '@entente/contract';
import { NO_TRACING, type Tracing } from '@entente/runtime';

type Append = (request: Uint8Array) => Promise<Uint8Array>;

/**
 * Each append as a span in the trace of the message that it is about, from its coming to its proof. The same work without one for what
 * is about no message, or cannot be read.
 */
export function traceAppend(tracing: Tracing, carried: readonly string[], append: Append): Append {
  if (tracing === NO_TRACING) return append;
  return async (request) => {
    const message = messageOf(request);
    if (!message) return await append(request);
    return await tracing.span(
      'ledger.append',
      () => ({ message, carried }),
      () => append(request),
    );
  };
}

function messageOf(request: Uint8Array): Uint8Array | undefined {
  try {
    const { messageHash } = wire.record.decode(wire.appendRequest.decode(request).record);
    return messageHash.length === 32 ? messageHash : undefined;
  } catch {
    return undefined;
  }
}
