import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector reads it. */
export interface ReadSpan {
  readonly service: string;
  readonly owner: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** OTLP's number of the kind. */
  readonly kind: number;
  readonly words: Readonly<Record<string, string>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;

/** What an OpenTelemetry collector is to a service: takes traces as JSON, by OTLP over HTTP. */
export async function startCollector() {
  const texts: string[] = [];
  const spans: ReadSpan[] = [];
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request).catch(() => undefined);
    // Who sends them does not wait long: what it has broken off is lost.
    if (text === undefined) return;
    if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
    texts.push(text);
    // Who heard no answer in time sends them again.
    const known = new Set(spans.map(({ spanId }) => spanId));
    spans.push(...readSpans(text).filter(({ spanId }) => !known.has(spanId)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Every byte that came. */
    text: () => texts.join('\n'),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface OtlpSpan extends Omit<ReadSpan, 'words' | 'isError'> {
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

function readSpans(text: string): ReadSpan[] {
  return (JSON.parse(text) as OtlpTraces).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = wordsOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, kind, attributes, links, status }) => ({
        ...{ service: about['service.name'] ?? '', owner: about['service.instance.id'] ?? '' },
        ...{ name, traceId, spanId, parentSpanId: parentSpanId ?? '', kind, links: links ?? [] },
        ...{ words: wordsOf(attributes ?? []), isError: status?.code === 2 },
      })),
    );
  });
}

function wordsOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}
