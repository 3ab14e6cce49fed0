import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What every HTTP server of ours bounds, as options of `node:http`. Whoever connects controls every byte, how slowly it comes, and how
 * slowly the answer is read.
 */
export const HTTP_LIMITS = Object.freeze({
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  /** Node looks every 30 s on its own: a request that never ends would live for so long. */
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
});
const MOST_CONNECTIONS = 256;
const SILENT_MS = 30_000;

export interface HttpOptions {
  /** On 127.0.0.1; others come through a proxy with TLS. 0 lets the system choose. */
  readonly port: number;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** What `answer` throws; who asked is told 500 and nothing more. */
  readonly onFault: (error: unknown) => void;
}

/** A loopback HTTP server with the limits that every one of ours has. */
export function serveHttp({ port, answer, onFault }: HttpOptions) {
  const server = createServer(HTTP_LIMITS, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onFault(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('not now\n');
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = SILENT_MS;
  return {
    /** @returns the port */
    start: async (): Promise<number> => {
      await new Promise<void>((resolve, reject) =>
        server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
      );
      return (server.address() as AddressInfo).port;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns undefined if it is longer: then it is not read to its end, and its connection has to go with the answer */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
