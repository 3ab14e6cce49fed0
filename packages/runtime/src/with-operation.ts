import type { Service } from './run-service.js';
import { type OperationOptions, serveOperation } from './serve-operation.js';
import type { Tracing } from './tracing.js';

/** The service with its port for operators: open before it starts, so that one reads what it waits for, and closed last. */
export function withOperation(
  service: Service & { readonly needs: () => Readonly<Record<string, boolean>> },
  { tracing, ...options }: Omit<OperationOptions, 'needs'> & { readonly tracing?: Tracing },
): Service {
  let operation: { readonly stop: () => Promise<void> } | undefined;
  return {
    start: async () => {
      operation = await serveOperation({ ...options, needs: service.needs });
      await service.start();
    },
    stop: async () => {
      await service.stop();
      await tracing?.stop();
      await operation?.stop();
    },
  };
}
