import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** From a millisecond to an hour: what a gate takes, and what a person takes. */
const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 3600];

/**
 * What a service counts, in the form that Prometheus reads; CPU time, memory and the delay of the event loop are among it.
 * Labels hold words of closed lists only: never an id, an address or anything that a sender chose.
 */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const about = (name: string, help: string) => ({ name: `entente_${name}`, help, registers: [registry] });
  return Object.freeze({
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[]) => {
      const counter = new Counter({ ...about(name, help), labelNames });
      return (labels: Readonly<Record<L, string>>, by = 1): void => counter.inc(labels, by);
    },
    seconds: <L extends string>(name: string, help: string, labelNames: readonly L[]) => {
      const histogram = new Histogram({ ...about(name, help), labelNames, buckets: BUCKETS });
      /** What is negative by two clocks' difference took no time. */
      return (labels: Readonly<Record<L, string>>, ms: number): void =>
        histogram.observe(labels, Math.max(0, ms) / 1000);
    },
    /** Asked when somebody looks. */
    gauge: (
      name: string,
      help: string,
      labelNames: readonly string[],
      read: () => readonly Sample[],
    ): void => {
      const gauge = new Gauge({
        ...about(name, help),
        labelNames,
        collect: () => {
          gauge.reset();
          for (const { labels, value } of read()) gauge.set(labels, value);
        },
      });
    },
    /** In the text format of Prometheus. */
    text: async (): Promise<string> => await registry.metrics(),
    contentType: registry.contentType,
  });
}
