import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

export interface OperationOptions {
  /** On 127.0.0.1; 0 lets the system choose. */
  readonly port: number;
  readonly metrics: Metrics;
  /** What the service needs to work, by name, and whether it has it now. */
  readonly needs: () => Readonly<Record<string, boolean>>;
  /** More that this service tells, by path: `/alarms`. */
  readonly pages?: Readonly<Record<string, () => object>>;
}

/**
 * What an operator and a supervisor ask, and nobody else: `/metrics`, `/health/live` (it runs) and `/health/ready` (it has what it
 * needs; else 503, with what it lacks). No ids, no content; on loopback only.
 */
export async function serveOperation({ port, metrics, needs, pages = {} }: OperationOptions) {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (request, response) => {
    if (request.method !== 'GET') return answer(response, 405, { error: 'only GET' });
    if (request.url === '/health/live') return answer(response, 200, { ok: true });
    if (request.url === '/health/ready') {
      const state = needs();
      const ok = Object.values(state).every(Boolean);
      return answer(response, ok ? 200 : 503, { ok, needs: state });
    }
    const page = Object.hasOwn(pages, request.url ?? '') ? pages[request.url ?? ''] : undefined;
    if (page) return answer(response, 200, page());
    if (request.url !== '/metrics') return answer(response, 404, { error: 'not found' });
    try {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    } catch {
      answer(response, 500, { error: 'the metrics cannot be read now' });
    }
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
  );
  return {
    port: (server.address() as AddressInfo).port,
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
