import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span, SpanContext } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { formatTraceparent, type TracePlace } from './parse-traceparent.js';
import type { TracingSettings } from './read-tracing.js';
import { placeUnder, traceOf } from './trace-place.js';
import {
  NO_TRACING,
  type NoteWords,
  noted,
  SPANS,
  type SpanAbout,
  type SpanWords,
  type Tracing,
} from './tracing.js';

export interface TracingDeps {
  readonly service: string;
  /** The nation or the member whose service it is. */
  readonly owner: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'counter'>;
}

/** What waits for a collector that is slow or away; more is forgotten, and nothing else waits for it. */
const MOST_WAITING = 2048;
const SEND_EVERY_MS = 1000;
const SEND_WITHIN_MS = 2000;
const LIMITS = { attributeCountLimit: 16, attributeValueLengthLimit: 128, linkCountLimit: 64 };

/**
 * Spans for OpenTelemetry, sent by OTLP over HTTP. Nothing of it is loaded where there are no settings.
 *
 * The trace of a message is that of its hash, and whether it is traced follows from that and the ratio alone: with one ratio, all
 * services trace the same messages, and nobody's header makes one of them trace more.
 */
export async function openTracing(
  settings: TracingSettings | undefined,
  { service, owner, logger, metrics }: TracingDeps,
): Promise<Tracing> {
  if (!settings) return NO_TRACING;
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const { endpoint, ratio } = settings;
  const url = `${endpoint}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: SEND_WITHIN_MS });
  const byRatio = new sdk.TraceIdRatioBasedSampler(ratio);
  const ids = withFirst(new sdk.RandomIdGenerator());
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `entente-${service}`, 'service.instance.id': owner }),
    // Asked before there is a span: see below.
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: ids,
    spanLimits: LIMITS,
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        ...{ exporter: counted(exporter, { logger, metrics }), maxQueueSize: MOST_WAITING },
        ...{ scheduledDelayMillis: SEND_EVERY_MS, exportTimeoutMillis: 2 * SEND_WITHIN_MS },
      }),
    ],
  });
  const tracer = provider.getTracer('entente');
  const underWay = new AsyncLocalStorage<Span>();
  const { ROOT_CONTEXT, SpanKind, TraceFlags, trace } = api;
  const kinds = {
    ...{ producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER },
    ...{ client: SpanKind.CLIENT, server: SpanKind.SERVER },
  };
  const kindOf = (name: keyof typeof SPANS) => kinds[SPANS[name]];
  const remote = (place: TracePlace): SpanContext => ({
    ...{ ...place, traceFlags: TraceFlags.SAMPLED, isRemote: true },
  });
  // What another process decided is not asked, whatever its flags say; within this one the parts follow the whole.
  const isTraced = (message: Uint8Array): boolean =>
    byRatio.shouldSample(ROOT_CONTEXT, traceOf(message).traceId).decision ===
    sdk.SamplingDecision.RECORD_AND_SAMPLED;
  const begin = (name: keyof typeof SPANS, asked: SpanAbout): Span => {
    const { message, isFirst = false, carried = [], startedMs, about = [], words = {} } = asked;
    const options = {
      kind: kindOf(name),
      attributes: { ...named(words), 'entente.message.hash': Buffer.from(message).toString('hex') },
      links: about.map((hash) => ({ context: remote(traceOf(hash)) })),
      // As a number, a time before this process began would count from its begin.
      ...(startedMs === undefined ? {} : { startTime: new Date(startedMs) }),
    };
    if (isFirst) return ids.as(traceOf(message), () => tracer.startSpan(name, options, ROOT_CONTEXT));
    const parent = trace.setSpanContext(ROOT_CONTEXT, remote(placeUnder(message, carried)));
    return tracer.startSpan(name, options, parent);
  };
  const within = async <T>(span: Span, work: (note: NoteWords) => Promise<T>): Promise<T> => {
    try {
      return await underWay.run(span, () => work((words) => void span.setAttributes(named(words))));
    } catch (error) {
      span.setStatus({ code: api.SpanStatusCode.ERROR }).setAttribute('error.type', wordOf(error));
      throw error;
    } finally {
      span.end();
    }
  };
  return {
    span: async (name, about, work) => {
      const asked = about();
      if (isTraced(asked.message)) return await within(begin(name, asked), work);
      return underWay.getStore() ? await underWay.exit(() => work(noted)) : await work(noted);
    },
    part: async (name, work) => {
      const whole = underWay.getStore();
      if (!whole) return await work();
      const parent = trace.setSpan(ROOT_CONTEXT, whole);
      return await within(tracer.startSpan(name, { kind: kindOf(name) }, parent), work);
    },
    current: () => {
      const context = underWay.getStore()?.spanContext();
      return context && formatTraceparent(context);
    },
    stop: async () => await provider.shutdown().catch(() => undefined),
  };
}

function named(words: SpanWords): Record<string, string> {
  return Object.fromEntries(Object.entries(words).map(([name, word]) => [`entente.${name}`, word]));
}

/** The code of an error, or its name: what it says may hold more. */
function wordOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return (
    ([code, name].find((word) => typeof word === 'string' && /^[\w-]{1,40}$/.test(word)) as string) ?? 'error'
  );
}

interface Ids {
  readonly generateTraceId: () => string;
  readonly generateSpanId: () => string;
}

/** Random ids, but for a span that is begun with its own. */
function withFirst(random: Ids) {
  let own: TracePlace | undefined;
  return {
    generateTraceId: () => own?.traceId ?? random.generateTraceId(),
    generateSpanId: () => own?.spanId ?? random.generateSpanId(),
    as: <T>(place: TracePlace, begin: () => T): T => {
      own = place;
      try {
        return begin();
      } finally {
        own = undefined;
      }
    },
  };
}

/** Says once that a collector does not take spans, and once that it does again. */
function counted(
  exporter: SpanExporter,
  { logger, metrics }: Pick<TracingDeps, 'logger' | 'metrics'>,
): SpanExporter {
  const count = metrics.counter('spans_total', 'Spans that a collector has taken, and that it has not.', [
    'result',
  ]);
  let isTaken = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const wasTaken = isTaken;
        isTaken = result.code === 0;
        count({ result: isTaken ? 'sent' : 'lost' }, spans.length);
        if (wasTaken && !isTaken)
          logger.warn({ err: result.error }, 'the collector takes no spans: they are lost');
        if (!wasTaken && isTaken) logger.info({}, 'the collector takes spans again');
        done(result);
      }),
    shutdown: async () => await exporter.shutdown(),
  };
}
